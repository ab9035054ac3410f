//! Links to verify an address and to reset a password, where nothing sends mail.

use std::time::Duration;

use model::{ErrorKind, Principal};
use services::{AccountsConfig, MailConfig, MailPurpose};

use super::world::{AccountsWorld, bearer, key, kind, secret};

async fn world() -> AccountsWorld {
    let mail = MailConfig { public_url: Some("https://data.example".to_owned()), smtp: None };
    AccountsWorld::new(AccountsConfig { mail, ..AccountsConfig::default() }).await
}

#[tokio::test]
async fn an_address_is_verified_once() {
    let world = world().await;
    let john = world.signed_up("john").await;
    let link = world.link("john@example.org").await;
    assert_eq!((link.purpose, link.user.as_deref()), (MailPurpose::Verify, Some("john")));
    assert!(link.url.starts_with("https://data.example/verify-email/"), "{}", link.url);
    assert_eq!(kind(world.accounts.mail_links(&john)), Some(ErrorKind::Forbidden));
    let verified = "SELECT email_verified_at IS NOT NULL FROM users WHERE name = 'john'";
    let verified = || world.sql().query_row(verified, [], |row| row.get::<_, bool>(0)).unwrap();
    assert!(!verified());
    assert_eq!(world.accounts.verify_email(&key(&link.url)).await.unwrap(), "john@example.org");
    assert!(verified());
    assert_eq!(kind(world.accounts.verify_email(&key(&link.url)).await), Some(ErrorKind::NotFound));
    assert!(world.accounts.mail_links(&world.root().await).unwrap().is_empty());
}

#[tokio::test]
async fn a_reset_sets_the_password_and_ends_sessions() {
    let world = world().await;
    let accounts = &world.accounts;
    world.signed_up("john").await;
    let verify = world.link("john@example.org").await;
    accounts.verify_email(&key(&verify.url)).await.unwrap();
    let session = accounts.login("john", &secret("test123"), None).await.unwrap();
    accounts.request_reset("John@example.org", None).await.unwrap();
    let link = world.link("john@example.org").await;
    assert_eq!(link.purpose, MailPurpose::Reset);
    let key = key(&link.url);
    assert!(accounts.is_reset_key(&key).await.unwrap());
    assert_eq!(kind(accounts.verify_email(&key).await), Some(ErrorKind::NotFound), "a key is for one purpose");
    assert_eq!(kind(accounts.reset_password(&key, &secret("short")).await), Some(ErrorKind::Invalid));
    assert_eq!(bearer(accounts, &session.token).await, None, "nothing has changed");
    accounts.reset_password(&key, &secret("brand new")).await.unwrap();
    assert_eq!(bearer(accounts, &session.token).await, Some(ErrorKind::Unauthenticated));
    assert_eq!(kind(accounts.authenticate("john", &secret("test123")).await), Some(ErrorKind::Unauthenticated));
    accounts.authenticate("john", &secret("brand new")).await.unwrap();
    assert!(!accounts.is_reset_key(&key).await.unwrap());
    assert_eq!(kind(accounts.reset_password(&key, &secret("another")).await), Some(ErrorKind::Invalid));
}

#[tokio::test]
async fn a_key_that_is_over_is_good_for_nothing() {
    let world = world().await;
    world.signed_up("john").await;
    world.accounts.request_reset("john@example.org", None).await.unwrap();
    let mut link = world.link("john@example.org").await;
    while link.purpose != MailPurpose::Reset {
        tokio::time::sleep(Duration::from_millis(10)).await;
        link = world.link("john@example.org").await;
    }
    let hours =
        "SELECT round((julianday(expires_at) - julianday(created_at)) * 24, 2) FROM mail_keys WHERE purpose = 'reset'";
    assert_eq!(world.sql().query_row(hours, [], |row| row.get::<_, f64>(0)).unwrap(), 1.0);
    world.sql().execute("UPDATE mail_keys SET expires_at = '2020-01-01T00:00:00.000Z'", []).unwrap();
    let reset = world.accounts.reset_password(&key(&link.url), &secret("brand new")).await;
    assert_eq!(kind(reset), Some(ErrorKind::Invalid));
    world.accounts.authenticate("john", &secret("test123")).await.unwrap();
}

#[tokio::test]
async fn asking_for_a_reset_tells_nothing() {
    let world = world().await;
    world.accounts.request_reset("nobody@example.org", None).await.unwrap();
    assert_eq!(kind(world.accounts.request_reset("no address", None).await), Some(ErrorKind::Invalid));
    for _ in 0..4 {
        world.accounts.request_reset("nobody@example.org", None).await.unwrap();
    }
    let limited = world.accounts.request_reset("nobody@example.org", None).await;
    assert_eq!(kind(limited), Some(ErrorKind::RateLimited), "known or not");
    assert!(world.accounts.mail_links(&world.root().await).unwrap().is_empty());
}

#[tokio::test]
async fn a_token_of_a_team_sees_no_links() {
    let world = world().await;
    assert_eq!(kind(world.accounts.mail_links(&Principal::token(1, Vec::new()))), Some(ErrorKind::Forbidden));
}
