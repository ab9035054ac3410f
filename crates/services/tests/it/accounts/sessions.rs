//! Logins and logouts.

use std::time::{Duration, Instant};

use model::{Access, ErrorKind, Rights};
use secrecy::ExposeSecret;
use services::AccountsConfig;

use super::world::{AccountsWorld, bearer, kind, secret};

#[tokio::test]
async fn a_session_is_its_user_until_it_ends() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    let accounts = &world.accounts;
    for name in ["john", "john@example.org", "JOHN@example.org"] {
        let session = accounts.login(name, &secret("test123"), None).await.unwrap();
        assert_eq!(session.user, "john");
        let teams: Vec<_> = session.teams.iter().map(|team| (team.name.as_str(), team.databases)).collect();
        assert_eq!(teams, [("john", 0)]);
        let token = session.token.expose_secret();
        assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
        let john = accounts.bearer(&session.token).await.unwrap();
        assert_eq!((&*john.name, john.rights, john.grants.len()), ("john", Rights::NONE, 1));
        accounts.logout(&session.token).await.unwrap();
        assert_eq!(bearer(accounts, &session.token).await, Some(ErrorKind::Unauthenticated));
        accounts.logout(&session.token).await.unwrap();
    }
    assert_eq!(kind(accounts.logout(&secret("A".repeat(32).as_str())).await), Some(ErrorKind::Unauthenticated));
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_are_told_alike() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    let told = async |name: &str, password: &str| {
        let error = world.accounts.login(name, &secret(password), None).await.unwrap_err();
        (error.kind(), error.message().to_owned())
    };
    let wrong = told("john", "test124").await;
    assert_eq!(wrong.0, ErrorKind::Unauthenticated);
    for (name, password) in [("jane", "test123"), ("jane@example.org", "test123"), ("John", "test123"), ("", "")] {
        assert_eq!(told(name, password).await, wrong, "{name}");
    }
}

#[tokio::test]
async fn wrong_passwords_are_limited_and_right_ones_are_not() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    for _ in 0..30 {
        world.accounts.login("john", &secret("test123"), None).await.unwrap();
    }
    let mut kinds = Vec::new();
    for _ in 0..12 {
        kinds.push(kind(world.accounts.login("john", &secret("wrong!"), None).await).unwrap());
    }
    assert_eq!(kinds[9..], [ErrorKind::Unauthenticated, ErrorKind::RateLimited, ErrorKind::RateLimited]);
    let refused = world.accounts.login("john", &secret("test123"), None).await.unwrap_err();
    assert!(refused.retry_after().is_some_and(|wait| wait <= Duration::from_secs(31)), "{refused}");
    world.accounts.login("root", &secret("rootpass"), None).await.unwrap();
}

#[tokio::test]
async fn a_session_expires_to_the_moment() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let session = world.accounts.login("root", &secret("rootpass"), None).await.unwrap();
    let days: f64 = world
        .sql()
        .query_row("SELECT julianday(expires_at) - julianday(created_at) FROM sessions", [], |row| row.get(0))
        .unwrap();
    assert!((days - 30.0).abs() < 0.001, "{days}");
    let soon = "UPDATE sessions SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+2 seconds')";
    world.sql().execute(soon, []).unwrap();
    let elsewhere = world.elsewhere();
    assert_eq!(bearer(&elsewhere, &session.token).await, None, "it is remembered now");
    tokio::time::sleep(Duration::from_millis(2_050)).await;
    assert_eq!(bearer(&elsewhere, &session.token).await, Some(ErrorKind::Unauthenticated));
}

#[tokio::test]
async fn what_another_program_ends_is_over_within_a_second() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let session = world.accounts.login("root", &secret("rootpass"), None).await.unwrap();
    assert_eq!(bearer(&world.accounts, &session.token).await, None);
    world.elsewhere().logout(&session.token).await.unwrap();
    let asked = Instant::now();
    while bearer(&world.accounts, &session.token).await.is_none() {
        assert!(asked.elapsed() < Duration::from_secs(5), "an ended session still works");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_disabled_user_and_a_new_password_end_sessions() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    for change in ["disable", "password"] {
        accounts.create(change, &secret("secret"), Access::Read).await.unwrap();
        let session = accounts.login(change, &secret("secret"), None).await.unwrap();
        assert_eq!(bearer(accounts, &session.token).await, None);
        match change {
            "disable" => accounts.disable(change).await.unwrap(),
            _ => accounts.set_password(change, &secret("another")).await.unwrap(),
        }
        assert_eq!(bearer(accounts, &session.token).await, Some(ErrorKind::Unauthenticated), "{change}");
    }
}

#[tokio::test]
async fn sessions_and_tokens_are_kept_as_hashes() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let session = world.accounts.login("root", &secret("rootpass"), None).await.unwrap();
    let hash: Vec<u8> = world.sql().query_row("SELECT hash FROM sessions", [], |row| row.get(0)).unwrap();
    assert_eq!(hash.len(), 32);
    assert_ne!(hash, session.token.expose_secret().as_bytes());
    assert!(!format!("{session:?}").contains(session.token.expose_secret()));
}

#[tokio::test]
async fn newcomers_void_nothing_that_is_remembered() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let generation = || {
        let sql = "SELECT value FROM account_generation";
        world.sql().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let before = generation();
    world.sign_up("john", "john@example.org", None).await.unwrap();
    let session = world.accounts.login("john", &secret("test123"), None).await.unwrap();
    let john = world.accounts.bearer(&session.token).await.unwrap();
    world.accounts.create_team(&john, "shop").await.unwrap();
    assert_eq!(generation(), before + 1, "the member of a team that is nobody's own is a change of rights");
    world.accounts.create_user_token("john", "ci", None).await.unwrap();
    assert_eq!(generation(), before + 1);
    world.accounts.logout(&session.token).await.unwrap();
    assert_eq!(generation(), before + 2);
}
