//! New users.

use std::net::IpAddr;

use model::{Access, ErrorKind, Principal, Rights};
use services::{Accounts, AccountsConfig, NewUser, SignUp};

use super::world::{AccountsWorld, key, kind, secret};
use crate::memory::metadata;

fn new(name: &str, email: &str, password: &str) -> NewUser {
    NewUser { name: name.into(), email: email.into(), password: secret(password), invite_key: None }
}

#[tokio::test]
async fn a_new_user_has_a_team_and_nothing_of_the_server_s_own() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let john = world.signed_up("john").await;
    assert_eq!((john.rights, john.is_server_admin()), (Rights::NONE, false));
    let told = world.accounts.user(&john, "john").await.unwrap();
    assert_eq!((told.name.as_str(), told.is_server_admin), ("john", false));
    assert_eq!(told.teams.len(), 1);
    assert_eq!(kind(world.accounts.user(&john, "root").await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(world.accounts.user(&john, "nobody").await), Some(ErrorKind::Forbidden));
    let root = world.root().await;
    assert!(world.accounts.user(&root, "root").await.unwrap().is_server_admin);
    assert_eq!(world.accounts.user(&root, "john").await.unwrap().teams[0].name, "john");
    assert_eq!(kind(world.accounts.user(&root, "nobody").await), Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn the_first_user_of_a_server_without_an_admin_is_it() {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::new(metadata(&dir));
    accounts.create("reader", &secret("secret"), Access::Read).await.unwrap();
    let nobody = Principal::anonymous();
    accounts.sign_up(&nobody, new("ann", "ann@example.org", "test123"), None).await.unwrap();
    accounts.sign_up(&nobody, new("bob", "bob@example.org", "test123"), None).await.unwrap();
    let admin = async |name: &str| accounts.authenticate(name, &secret("test123")).await.unwrap().is_server_admin();
    assert_eq!((admin("ann").await, admin("bob").await), (true, false));
}

#[tokio::test]
async fn taken_names_and_addresses_are_conflicts_and_change_nothing() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let john = world.signed_up("john").await;
    world.accounts.create_team(&john, "Cool Team").await.unwrap();
    for (name, email) in [
        ("john", "other@example.org"),
        ("JOHN", "other@example.org"),
        ("cool team", "other@example.org"),
        ("other", "John@Example.ORG"),
    ] {
        assert_eq!(kind(world.sign_up(name, email, None).await), Some(ErrorKind::Conflict), "{name} {email}");
    }
    assert_eq!(world.accounts.list().await.unwrap().len(), 2);
    world.sign_up("other", "other@example.org", None).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    for (name, email, password) in [
        ("", "a@example.org", "test123"),
        ("a:b", "a@example.org", "test123"),
        ("a@example.org", "a@example.org", "test123"),
        ("ann", "nope", "test123"),
        ("ann", "a@example.org", "short"),
        ("ann", "a@example.org", ""),
        ("ann", "a@example.org", &"x".repeat(2000)),
    ] {
        let refused = world.accounts.sign_up(&Principal::anonymous(), new(name, email, password), None).await;
        assert_eq!(kind(refused), Some(ErrorKind::Invalid), "{name} {email}");
    }
    assert_eq!(world.accounts.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn sign_up_is_for_whom_the_setting_says() {
    let invited = AccountsWorld::new(AccountsConfig { sign_up: SignUp::Invited, ..AccountsConfig::default() }).await;
    let root = invited.root().await;
    assert_eq!(kind(invited.sign_up("ann", "ann@example.org", None).await), Some(ErrorKind::Forbidden));
    let wrong = invited.sign_up("ann", "ann@example.org", Some(secret("wrong"))).await;
    assert_eq!(kind(wrong), Some(ErrorKind::Invalid));
    assert_eq!(kind(invited.accounts.invite(&Principal::anonymous(), "a@b.org").await), Some(ErrorKind::Forbidden));
    invited.accounts.invite(&root, "Ann@example.org").await.unwrap();
    let link = invited.link("ann@example.org").await;
    assert_eq!(invited.accounts.invited(&key(&link.url)).await.unwrap(), "ann@example.org");
    let other = invited.sign_up("bob", "bob@example.org", Some(key(&link.url))).await;
    assert_eq!(kind(other), Some(ErrorKind::Invalid), "an invitation is for its address");
    invited.sign_up("ann", "ann@example.org", Some(key(&link.url))).await.unwrap();
    assert_eq!(kind(invited.accounts.invited(&key(&link.url)).await), Some(ErrorKind::NotFound));
    assert!(invited.accounts.mail_links(&root).unwrap().is_empty(), "a used link is listed no more");
    assert_eq!(kind(invited.accounts.invite(&root, "ann@example.org").await), Some(ErrorKind::Conflict));

    let closed = AccountsWorld::new(AccountsConfig { sign_up: SignUp::Closed, ..AccountsConfig::default() }).await;
    assert_eq!(kind(closed.sign_up("ann", "ann@example.org", None).await), Some(ErrorKind::Forbidden));
    let root = closed.root().await;
    closed.accounts.sign_up(&root, new("ann", "ann@example.org", "test123"), None).await.unwrap();
}

#[tokio::test]
async fn sign_ups_are_limited_by_address() {
    let world = AccountsWorld::new(AccountsConfig { sign_up: SignUp::Closed, ..AccountsConfig::default() }).await;
    let from = Some(IpAddr::from([192, 0, 2, 1]));
    let mut last = None;
    for number in 0..101 {
        let user = new(&format!("user{number}"), &format!("user{number}@example.org"), "test123");
        last = kind(world.accounts.sign_up(&Principal::anonymous(), user, from).await);
    }
    assert_eq!(last, Some(ErrorKind::RateLimited));
}
