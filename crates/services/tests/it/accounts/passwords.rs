//! Users, passwords and the memory of verified credentials.

use std::time::{Duration, Instant};

use model::{Access, ErrorKind, Rights};
use secrecy::{ExposeSecret, SecretString};
use services::Accounts;
use tempfile::TempDir;

use crate::memory::metadata;

fn accounts(dir: &TempDir) -> Accounts {
    Accounts::new(metadata(dir))
}

async fn kind_of(accounts: &Accounts, name: &str, password: &str) -> Option<ErrorKind> {
    accounts.authenticate(name, &SecretString::from(password)).await.err().map(|error| error.kind())
}

#[tokio::test]
async fn only_the_right_credential_is_a_principal() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    accounts.create("ann", &SecretString::from("s:e cret"), Access::Write).await.unwrap();
    let ann = accounts.authenticate("ann", &SecretString::from("s:e cret")).await.unwrap();
    assert_eq!((&*ann.name, ann.rights), ("ann", Rights::up_to(Access::Write)));
    for (name, password) in [("ann", "secret"), ("ann", ""), ("Ann", "s:e cret"), ("bob", "s:e cret"), ("", "")] {
        assert_eq!(kind_of(&accounts, name, password).await, Some(ErrorKind::Unauthenticated), "{name} {password}");
    }
}

#[tokio::test]
async fn a_remembered_credential_is_fast_and_a_changed_one_is_forgotten_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    accounts.create("ann", &SecretString::from("old"), Access::Read).await.unwrap();
    assert_eq!(kind_of(&accounts, "ann", "old").await, None);
    accounts.set_password("ann", &SecretString::from("new")).await.unwrap();
    assert_eq!(kind_of(&accounts, "ann", "old").await, Some(ErrorKind::Unauthenticated));
    assert_eq!(kind_of(&accounts, "ann", "new").await, None);
    accounts.disable("ann").await.unwrap();
    assert_eq!(kind_of(&accounts, "ann", "new").await, Some(ErrorKind::Unauthenticated));
}

#[tokio::test]
async fn another_programs_change_counts_within_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let (server, command_line) = (accounts(&dir), accounts(&dir));
    command_line.create("ann", &SecretString::from("old"), Access::Read).await.unwrap();
    assert_eq!(kind_of(&server, "ann", "old").await, None);
    command_line.disable("ann").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while kind_of(&server, "ann", "old").await.is_none() {
        assert!(Instant::now() < deadline, "a disabled user still signs in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn names_are_checked_and_unique() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    let password = SecretString::from("secret");
    for bad in ["", "a:b", "a\nb"] {
        let error = accounts.create(bad, &password, Access::Read).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{bad:?}");
    }
    accounts.create("ann", &password, Access::Read).await.unwrap();
    let taken = accounts.create("ann", &password, Access::Admin).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let users = accounts.list().await.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!((users[0].access, users[0].disabled), (Some(Access::Read), false));
    assert_eq!(accounts.disable("bob").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(accounts.set_password("bob", &password).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    let first = accounts.ensure_admin(None, None).await.unwrap().unwrap();
    assert_eq!((first.name.as_str(), first.generated), ("admin", true));
    let signed_in = accounts.authenticate(&first.name, &first.password).await.unwrap();
    assert!(signed_in.is_server_admin());
    accounts.disable("admin").await.unwrap();
    let again = accounts.ensure_admin(Some("root"), Some(SecretString::from("secret"))).await.unwrap();
    assert!(again.is_none(), "a disabled admin is an admin: a restart must not open a new door");
}

#[tokio::test]
async fn a_given_first_admin_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    let given = SecretString::from("chosen");
    let first = accounts.ensure_admin(Some("root"), Some(given)).await.unwrap().unwrap();
    assert_eq!((first.name.as_str(), first.password.expose_secret(), first.generated), ("root", "chosen", false));
    assert!(accounts.authenticate("root", &SecretString::from("chosen")).await.is_ok());
}

#[tokio::test]
async fn nothing_secret_is_printed_or_stored() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = accounts(&dir);
    accounts.create("ann", &SecretString::from("findmeplease"), Access::Read).await.unwrap();
    accounts.authenticate("ann", &SecretString::from("findmeplease")).await.unwrap();
    assert!(!format!("{accounts:?}").contains("findmeplease"));
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(12).any(|window| window == b"findmeplease"));
    }
}
