//! Teams.

use model::{ErrorKind, Principal};
use services::{AccountsConfig, Billing, Role, TeamChange};

use super::world::{AccountsWorld, kind};

#[tokio::test]
async fn a_team_is_made_shown_and_removed() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let (john, jane) = (world.signed_up("john").await, world.signed_up("jane").await);
    let made = accounts.create_team(&john, "Good Corp").await.unwrap();
    assert_eq!((made.name.as_str(), made.billing, made.databases.len()), ("Good Corp", None, 0));
    assert_eq!(accounts.team(&john, "good corp").await.unwrap().name, "Good Corp");
    assert_eq!(kind(accounts.team(&jane, "Good Corp").await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.team(&john, "nope").await), Some(ErrorKind::NotFound));
    assert_eq!(kind(accounts.create_team(&jane, "GOOD CORP").await), Some(ErrorKind::Conflict));
    assert_eq!(kind(accounts.create_team(&jane, "").await), Some(ErrorKind::Invalid));
    let token = Principal::token(7, Vec::new());
    assert_eq!(kind(accounts.create_team(&token, "x").await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.create_team(&Principal::anonymous(), "x").await), Some(ErrorKind::Unauthenticated));

    world.give_database("shop", "Good Corp");
    let shown = accounts.team(&john, "Good Corp").await.unwrap();
    assert_eq!((shown.databases[0].id.as_str(), shown.databases[0].visibility.as_str()), ("shop", "private"));
    assert_eq!(kind(accounts.remove_team(&john, "Good Corp").await), Some(ErrorKind::Conflict));
    world.sql().execute("DELETE FROM databases", []).unwrap();
    assert_eq!(kind(accounts.remove_team(&jane, "Good Corp").await), Some(ErrorKind::Forbidden));
    accounts.remove_team(&john, "Good Corp").await.unwrap();
    assert_eq!(kind(accounts.team(&john, "Good Corp").await), Some(ErrorKind::NotFound));
    assert_eq!(kind(accounts.remove_team(&john, "john").await), Some(ErrorKind::Conflict), "a personal team stays");
}

#[tokio::test]
async fn a_renamed_team_keeps_everything() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    for team in ["one", "two"] {
        accounts.create_team(&john, team).await.unwrap();
    }
    world.give_database("shop", "one");
    let rename = |name: &str| TeamChange { name: Some(name.to_owned()), ..TeamChange::default() };
    assert_eq!(kind(accounts.change_team(&john, "one", rename("TWO")).await), Some(ErrorKind::Conflict));
    assert_eq!(kind(accounts.change_team(&john, "one", rename("")).await), Some(ErrorKind::Invalid));
    let renamed = accounts.change_team(&john, "one", rename("One")).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.databases.len()), ("One", 1));
    let summary = accounts.user(&john, "john").await.unwrap().teams;
    let summary: Vec<_> = summary.iter().map(|team| (team.name.as_str(), team.databases)).collect();
    assert_eq!(summary, [("john", 0), ("One", 1), ("two", 0)]);
}

#[tokio::test]
async fn plans_are_for_admins_of_the_server() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let (john, root) = (world.signed_up("john").await, world.root().await);
    let email = TeamChange { email: Some("Billing@good-corp.com".into()), ..TeamChange::default() };
    let changed = accounts.change_team(&john, "john", email).await.unwrap();
    let billing = Billing { email: Some("billing@good-corp.com".into()), plan: None, subscription: None };
    assert_eq!(changed.billing, Some(billing.clone()));
    let plan = |plan: &str| TeamChange { plan: Some(plan.into()), ..TeamChange::default() };
    let subscription = TeamChange { subscription: Some(1), ..TeamChange::default() };
    assert_eq!(kind(accounts.change_team(&john, "john", plan("pro")).await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.change_team(&john, "john", subscription.clone()).await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.change_team(&root, "john", plan("gold")).await), Some(ErrorKind::Invalid));
    accounts.change_team(&root, "john", plan("pro")).await.unwrap();
    let changed = accounts.change_team(&root, "john", subscription).await.unwrap();
    assert_eq!(changed.billing, Some(Billing { plan: Some("pro".into()), subscription: Some(1), ..billing }));
}

#[tokio::test]
async fn editors_and_viewers_see_the_team_and_change_nothing_of_it() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    for (name, role) in [("ed", Role::Editor), ("vi", Role::Viewer)] {
        let user = world.signed_up(name).await;
        accounts.set_roles(&john, "john", name, &[role]).await.unwrap();
        accounts.team(&user, "john").await.unwrap();
        accounts.members(&user, "john").await.unwrap();
        accounts.tokens(&user, "john").await.unwrap();
        let change = TeamChange { name: Some("x".into()), ..TeamChange::default() };
        assert_eq!(kind(accounts.change_team(&user, "john", change).await), Some(ErrorKind::Forbidden));
        assert_eq!(kind(accounts.remove_team(&user, "john").await), Some(ErrorKind::Forbidden));
        assert_eq!(kind(accounts.set_roles(&user, "john", name, &[Role::Admin]).await), Some(ErrorKind::Forbidden));
        assert_eq!(kind(accounts.remove_member(&user, "john", "john").await), Some(ErrorKind::Forbidden));
    }
}
