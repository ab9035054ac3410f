//! Accounts over a metadata database that tests can look into.

use std::time::{Duration, Instant};

use model::{Access, ErrorKind, Principal, Result};
use rusqlite::Connection;
use secrecy::{ExposeSecret, SecretString};
use services::{Accounts, AccountsConfig, MailLink, NewUser, SecretKey, operator};
use tempfile::TempDir;

use crate::memory::metadata;

pub struct AccountsWorld {
    pub accounts: Accounts,
    dir: TempDir,
}

impl AccountsWorld {
    /// With an admin `root`, so that sign-ups are ordinary users.
    pub async fn new(config: AccountsConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let accounts = Accounts::with(metadata(&dir), config, &key_of_the_server());
        accounts.create("root", &secret("rootpass"), Access::Admin).await.unwrap();
        Self { accounts, dir }
    }

    /// As the server that starts after this one sees them. It goes on with what waits.
    pub async fn restarted(self, config: AccountsConfig) -> Self {
        let accounts = Accounts::with(metadata(&self.dir), config, &key_of_the_server());
        accounts.resume_mail().await.unwrap();
        Self { accounts, dir: self.dir }
    }

    /// As another program sees them.
    pub fn elsewhere(&self) -> Accounts {
        Accounts::new(metadata(&self.dir))
    }

    /// Another connection to the metadata database.
    pub fn sql(&self) -> Connection {
        Connection::open(self.dir.path().join("metadata.sqlite")).unwrap()
    }

    /// Lists a database of this id that the team of this name owns.
    pub fn give_database(&self, id: &str, team: &str) {
        let sql = "INSERT INTO databases (id, name, key, kind, owner_team, owned_at) \
                   SELECT ?1, ?1, ?1, 'sqlite', id, '2026-01-01T00:00:00.000Z' FROM teams WHERE name = ?2";
        assert_eq!(self.sql().execute(sql, [id, team]).unwrap(), 1);
    }

    /// A user who signed up.
    pub async fn signed_up(&self, name: &str) -> Principal {
        self.sign_up(name, &format!("{name}@example.org"), None).await.unwrap();
        self.accounts.authenticate(name, &secret("test123")).await.unwrap()
    }

    pub async fn sign_up(&self, name: &str, email: &str, invite_key: Option<SecretString>) -> Result<()> {
        let new = NewUser { name: name.into(), email: email.into(), password: secret("test123"), invite_key };
        self.accounts.sign_up(&Principal::anonymous(), new, None).await
    }

    pub async fn root(&self) -> Principal {
        self.accounts.authenticate("root", &secret("rootpass")).await.unwrap()
    }

    /// The newest link that was not mailed, once there is one for this address.
    pub async fn link(&self, email: &str) -> MailLink {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let links = self.accounts.mail_links(&operator()).unwrap();
            if let Some(link) = links.into_iter().rev().find(|link| link.email == email) {
                return link;
            }
            assert!(Instant::now() < deadline, "no link for {email}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn key_of_the_server() -> SecretKey {
    SecretKey::new([7; SecretKey::BYTES])
}

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// What a link ends in.
pub fn key(url: &str) -> SecretString {
    secret(url.rsplit('/').next().unwrap())
}

pub fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

pub async fn bearer(accounts: &Accounts, token: &SecretString) -> Option<ErrorKind> {
    assert!(!token.expose_secret().is_empty());
    kind(accounts.bearer(token).await)
}
