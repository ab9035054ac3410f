//! Mail that is sent.

use std::time::{Duration, Instant};

use model::ErrorKind;
use services::{AccountsConfig, MailConfig, SmtpConfig};

use super::smtp::SmtpSink;
use super::world::{AccountsWorld, kind, secret};

async fn world(sink: &SmtpSink) -> AccountsWorld {
    AccountsWorld::new(config(sink.config())).await
}

pub fn config(smtp: SmtpConfig) -> AccountsConfig {
    let mail = MailConfig { public_url: Some("https://data.example".into()), smtp: Some(smtp) };
    AccountsConfig { mail, ..AccountsConfig::default() }
}

/// The key in a mail, whose lines may be wrapped with `=` at their ends.
pub fn key(mail: &str, path: &str) -> String {
    let text = mail.replace("=\r\n", "");
    let rest = text.split(&format!("https://data.example/{path}/")).nth(1).unwrap();
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[tokio::test]
async fn an_address_has_to_be_verified_where_mail_is_sent() {
    let sink = SmtpSink::start(0, "").await;
    let world = world(&sink).await;
    world.sign_up("john", "john@example.org", None).await.unwrap();
    let password = secret("test123");
    assert_eq!(kind(world.accounts.login("john", &password, None).await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(world.accounts.authenticate("john", &password).await), Some(ErrorKind::Forbidden));
    let wrong = world.accounts.authenticate("john", &secret("wrong!")).await;
    assert_eq!(kind(wrong), Some(ErrorKind::Unauthenticated), "only who knows the password learns it");
    let mail = sink.first().await;
    for line in ["RCPT TO:<john@example.org>", "From: Boathouse <data@example.com>", "Subject: Verify", "Hello john,"] {
        assert!(mail.contains(line), "{line}: {mail}");
    }
    world.accounts.verify_email(&secret(&key(&mail, "verify-email"))).await.unwrap();
    world.accounts.login("john", &password, None).await.unwrap();
    world.accounts.login("root", &secret("rootpass"), None).await.unwrap();
    assert!(world.accounts.mail_links(&world.root().await).unwrap().is_empty(), "what was mailed is not listed");
}

#[tokio::test]
async fn a_login_before_that_mails_another_link() {
    let sink = SmtpSink::start(0, "").await;
    let world = world(&sink).await;
    world.sign_up("john", "john@example.org", None).await.unwrap();
    sink.first().await;
    for _ in 0..8 {
        let refused = world.accounts.login("john@example.org", &secret("test123"), None).await;
        assert_eq!(kind(refused), Some(ErrorKind::Forbidden));
        assert_eq!(kind(world.accounts.login("john", &secret("wrong!"), None).await), Some(ErrorKind::Unauthenticated));
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while sink.count() < 6 {
        assert!(Instant::now() < deadline, "{} mails", sink.count());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(sink.count(), 6, "five more, and then no more for a while");
}

#[tokio::test]
async fn an_invitation_verifies_the_address() {
    let sink = SmtpSink::start(0, "").await;
    let world = world(&sink).await;
    world.accounts.invite(&world.root().await, "joe@example.com").await.unwrap();
    let invitation = key(&sink.first().await, "api/users/invite");
    world.sign_up("joe", "joe@example.com", Some(secret(&invitation))).await.unwrap();
    world.accounts.login("joe", &secret("test123"), None).await.unwrap();
    assert_eq!(sink.count(), 1, "no mail to verify it");
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again() {
    let sink = SmtpSink::start(1, "451").await;
    let world = world(&sink).await;
    let asked = Instant::now();
    world.sign_up("john", "john@example.org", None).await.unwrap();
    assert!(sink.first().await.contains("verify-email"));
    assert!(asked.elapsed() >= Duration::from_secs(4));
}

#[tokio::test]
async fn nobody_waits_for_mail() {
    // It is connected to and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let sink = SmtpSink::start(0, "").await;
    let smtp = SmtpConfig { port: silent.local_addr().unwrap().port(), ..sink.config() };
    let world = AccountsWorld::new(config(smtp)).await;
    world.sign_up("john", "john@example.org", None).await.unwrap();
    let links = world.accounts.mail_links(&world.root().await).unwrap();
    assert!(links.is_empty(), "it is neither sent nor given up: {links:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_kept_for_admins() {
    let sink = SmtpSink::start(usize::MAX, "550").await;
    let world = world(&sink).await;
    world.sign_up("john", "john@example.org", None).await.unwrap();
    let link = world.link("john@example.org").await;
    let key = secret(link.url.rsplit('/').next().unwrap());
    world.accounts.verify_email(&key).await.unwrap();
    assert_eq!(sink.count(), 0);
}
