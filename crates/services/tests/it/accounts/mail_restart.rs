//! Mail that waits when the server ends.

use std::future::Future;
use std::time::{Duration, Instant};

use services::SmtpConfig;
use tokio::net::TcpListener;

use super::mail::{config, key};
use super::smtp::SmtpSink;
use super::world::{AccountsWorld, secret};

/// Runs a server until `work` is done. Whatever it has begun beside that is cut off, as when it is killed.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome
}

/// A server whose SMTP server hangs up on everybody, which has happened when this returns.
async fn unsent(send: impl AsyncFn(&AccountsWorld)) -> AccountsWorld {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sink = SmtpSink::start(0, "").await;
    let world = AccountsWorld::new(config(SmtpConfig { port, ..sink.config() })).await;
    send(&world).await;
    let came = tokio::time::timeout(Duration::from_secs(30), listener.accept()).await;
    drop(came.expect("the mail was tried").unwrap());
    world
}

fn waiting(world: &AccountsWorld) -> i64 {
    let sql =
        "SELECT (SELECT count(*) FROM mail_keys WHERE sealed IS NOT NULL) + (SELECT count(*) FROM reset_requests)";
    world.sql().query_row(sql, [], |row| row.get(0)).unwrap()
}

async fn none_waits(world: &AccountsWorld) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while waiting(world) > 0 {
        assert!(Instant::now() < deadline, "it still waits");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn an_invitation_that_was_not_sent_is_sent_after_a_restart_and_once() {
    let world = run(unsent(async |world: &AccountsWorld| {
        world.accounts.invite(&world.root().await, "joe@example.com").await.unwrap();
    }));
    assert_eq!(waiting(&world), 1);
    let world = run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        let mail = sink.first().await;
        assert!(mail.contains("RCPT TO:<joe@example.com>"), "{mail}");
        let invitation = secret(&key(&mail, "api/users/invite"));
        world.sign_up("joe", "joe@example.com", Some(invitation)).await.unwrap();
        world.accounts.login("joe", &secret("test123"), None).await.unwrap();
        none_waits(&world).await;
        world
    });
    run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        world.accounts.invite(&world.root().await, "jane@example.com").await.unwrap();
        assert!(sink.first().await.contains("RCPT TO:<jane@example.com>"));
        none_waits(&world).await;
        assert_eq!(sink.count(), 1, "what was sent before is not sent again");
    });
}

#[test]
fn what_was_sent_is_not_sent_again_after_a_restart() {
    let world = run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = AccountsWorld::new(config(sink.config())).await;
        world.sign_up("john", "john@example.org", None).await.unwrap();
        sink.first().await;
        none_waits(&world).await;
        world
    });
    run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        world.accounts.invite(&world.root().await, "jane@example.com").await.unwrap();
        assert!(sink.first().await.contains("RCPT TO:<jane@example.com>"));
        none_waits(&world).await;
        assert_eq!(sink.count(), 1);
    });
}

#[test]
fn a_reset_that_was_asked_for_and_not_looked_up_is_mailed_after_a_restart() {
    let world = run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = AccountsWorld::new(config(sink.config())).await;
        world.sign_up("john", "john@example.org", None).await.unwrap();
        sink.first().await;
        none_waits(&world).await;
        // As a server leaves it that is killed between its answer and the look-up.
        const ASKED: &str = "INSERT INTO reset_requests (email) VALUES ('john@example.org'), ('nobody@example.org')";
        world.sql().execute(ASKED, []).unwrap();
        const LONG_AGO: &str = "\
            INSERT INTO reset_requests (email, created_at) VALUES ('john@example.org', '2020-01-01T00:00:00.000Z')";
        world.sql().execute(LONG_AGO, []).unwrap();
        world
    });
    run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        let reset = secret(&key(&sink.first().await, "password-reset"));
        world.accounts.reset_password(&reset, &secret("brand new")).await.unwrap();
        none_waits(&world).await;
        assert_eq!(sink.count(), 1, "nobody has the other address, and what was asked long ago is over");
    });
}

#[test]
fn a_key_that_waits_is_on_disk_in_no_clear_text() {
    let world = run(unsent(async |world: &AccountsWorld| {
        world.sign_up("john", "john@example.org", None).await.unwrap();
    }));
    let path = world.sql().path().unwrap().to_owned();
    let files = ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap_or_default());
    let has = |text: &str| files.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()));
    assert!(has("john@example.org"), "the row was read");
    run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        let verify = key(&sink.first().await, "verify-email");
        assert!(!has(&verify));
        world.accounts.verify_email(&secret(&verify)).await.unwrap();
    });
}

#[test]
fn a_mail_whose_link_is_over_is_not_sent() {
    let world = run(unsent(async |world: &AccountsWorld| {
        world.sign_up("john", "john@example.org", None).await.unwrap();
    }));
    world.sql().execute("UPDATE mail_keys SET expires_at = '2020-01-01T00:00:00.000Z'", []).unwrap();
    run(async {
        let sink = SmtpSink::start(0, "").await;
        let world = world.restarted(config(sink.config())).await;
        world.accounts.invite(&world.root().await, "jane@example.com").await.unwrap();
        assert!(sink.first().await.contains("RCPT TO:<jane@example.com>"));
        none_waits(&world).await;
        assert_eq!(sink.count(), 1);
    });
}

#[test]
fn a_mail_that_was_tried_for_a_day_is_kept_for_admins() {
    let world = run(unsent(async |world: &AccountsWorld| {
        world.sign_up("john", "john@example.org", None).await.unwrap();
    }));
    let a_day_ago = "UPDATE mail_keys SET created_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 day')";
    world.sql().execute(a_day_ago, []).unwrap();
    run(async {
        let sink = SmtpSink::start(usize::MAX, "451").await;
        let world = world.restarted(config(sink.config())).await;
        let link = world.link("john@example.org").await;
        none_waits(&world).await;
        world.accounts.verify_email(&super::world::key(&link.url)).await.unwrap();
    });
}

#[tokio::test]
async fn what_comes_when_many_wait_is_kept_as_a_link() {
    let world = unsent(async |world: &AccountsWorld| {
        world.sign_up("john", "john@example.org", None).await.unwrap();
    })
    .await;
    let sql = world.sql();
    const MORE: &str = "\
        WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 256) \
        INSERT INTO mail_keys (hash, purpose, email, expires_at, sealed) \
        SELECT randomblob(32), 'invite', i || '@example.org', '2100-01-01T00:00:00.000Z', randomblob(72) FROM n";
    assert_eq!(sql.execute(MORE, []).unwrap(), 255);
    world.accounts.invite(&world.root().await, "joe@example.com").await.unwrap();
    let link = world.link("joe@example.com").await;
    assert_eq!(world.accounts.invited(&super::world::key(&link.url)).await.unwrap(), "joe@example.com");
    assert_eq!(waiting(&world), 256);
}
