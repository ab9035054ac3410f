//! API tokens.

use std::time::Duration;

use model::{Access, DatabaseId, ErrorKind, Resource, Rights};
use secrecy::{ExposeSecret, SecretString};
use services::{Accounts, AccountsConfig, NewToken, Permission, Role, TokenChange, TokenOwner};

use super::world::{AccountsWorld, bearer, kind, secret};

fn permission(database: &str, access: Access) -> Permission {
    Permission { database: database.into(), access }
}

fn new(team: &str, permissions: Vec<Permission>) -> NewToken {
    NewToken { name: "for cool app".into(), description: None, expires_at: None, permissions, team: team.into() }
}

async fn rights(accounts: &Accounts, token: &SecretString, database: &str) -> Rights {
    let resource = Resource::Database(DatabaseId::new(database).unwrap());
    accounts.bearer(token).await.unwrap().granted(&resource)
}

#[tokio::test]
async fn a_token_may_what_its_permissions_say_and_no_more() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    for database in ["r", "w", "i", "rw"] {
        world.give_database(database, "john");
    }
    let permissions = vec![
        permission("r", Access::Read),
        permission("w", Access::Write),
        permission("i", Access::Insert),
        permission("rw", Access::Read),
        permission("rw", Access::Write),
        permission("rw", Access::Write),
    ];
    let (token, secret) = accounts.create_token(&john, new("john", permissions)).await.unwrap();
    let text = secret.expose_secret();
    assert!(text.starts_with("ast_") && text.len() == 44, "{text}");
    assert_eq!(token.shown, format!("{}…", &text[..12]));
    assert_eq!(token.permissions.len(), 5, "{:?}", token.permissions);
    let expected = [
        ("r", Rights::only(Access::Read)),
        ("w", Rights::only(Access::Write)),
        ("i", Rights::only(Access::Insert)),
        ("rw", Rights::only(Access::Read) | Rights::only(Access::Write)),
        ("other", Rights::NONE),
    ];
    for (database, expected) in expected {
        assert_eq!(rights(accounts, &secret, database).await, expected, "{database}");
    }
    assert!(!rights(accounts, &secret, "w").await.allow(Access::Read), "a token that writes need not read");
    assert_eq!(accounts.bearer(&secret).await.unwrap().rights, Rights::NONE);
    assert_eq!(accounts.token(&john, token.id).await.unwrap(), token);
    assert_eq!(accounts.tokens(&john, "john").await.unwrap(), [token]);
}

#[tokio::test]
async fn what_cannot_be_a_token_is_refused_and_leaves_nothing() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    world.signed_up("jane").await;
    world.give_database("shop", "john");
    world.give_database("hers", "jane");
    let ending = |end: &str| NewToken { expires_at: Some(end.into()), ..new("john", Vec::new()) };
    for refused in [
        ending("2020-01-01T00:00:00Z"),
        ending("tomorrow"),
        ending("2030-02-30T00:00:00Z"),
        NewToken { name: String::new(), ..new("john", Vec::new()) },
        new("john", vec![permission("shop", Access::Read), permission("hers", Access::Read)]),
        new("john", vec![permission("nope", Access::Read)]),
        new("john", vec![permission("shop", Access::Admin)]),
    ] {
        assert_eq!(kind(accounts.create_token(&john, refused.clone()).await), Some(ErrorKind::Invalid), "{refused:?}");
    }
    assert_eq!(kind(accounts.create_token(&john, new("jane", Vec::new())).await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.create_token(&john, new("nope", Vec::new())).await), Some(ErrorKind::NotFound));
    assert!(accounts.tokens(&john, "john").await.unwrap().is_empty());
}

#[tokio::test]
async fn changes_count_at_once() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    accounts.create_team(&john, "other").await.unwrap();
    for (database, team) in [("shop", "john"), ("moved", "other")] {
        world.give_database(database, team);
    }
    let (token, secret) =
        accounts.create_token(&john, new("john", vec![permission("shop", Access::Read)])).await.unwrap();
    assert_eq!(rights(accounts, &secret, "shop").await, Rights::only(Access::Read));

    let change = TokenChange {
        name: Some("renamed".into()),
        description: Some(Some("why".into())),
        expires_at: Some(Some("2999-01-01T00:00:00.5+01:00".into())),
        permissions: Some(vec![permission("shop", Access::Write)]),
        ..TokenChange::default()
    };
    let changed = accounts.change_token(&john, token.id, change).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.description.as_deref()), ("renamed", Some("why")));
    assert_eq!(changed.expires_at.as_deref(), Some("2998-12-31T23:00:01Z"));
    assert_eq!(changed.shown, token.shown);
    assert_eq!(rights(accounts, &secret, "shop").await, Rights::only(Access::Write));

    let kept = accounts.change_token(&john, token.id, TokenChange::default()).await.unwrap();
    assert_eq!(kept, changed, "what is not named stays");
    let cleared = TokenChange { description: Some(None), expires_at: Some(None), ..TokenChange::default() };
    let cleared = accounts.change_token(&john, token.id, cleared).await.unwrap();
    assert_eq!((cleared.description, cleared.expires_at), (None, None));

    let moved = TokenChange { team: Some("other".into()), ..TokenChange::default() };
    let moved = accounts.change_token(&john, token.id, moved).await.unwrap();
    assert!(moved.permissions.is_empty(), "the new team does not own shop");
    assert_eq!(rights(accounts, &secret, "shop").await, Rights::NONE);

    accounts.remove_token(&john, token.id).await.unwrap();
    assert_eq!(bearer(accounts, &secret).await, Some(ErrorKind::Unauthenticated));
    assert_eq!(kind(accounts.token(&john, token.id).await), Some(ErrorKind::NotFound));
}

#[tokio::test]
async fn a_token_ends_at_its_time() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let john = world.signed_up("john").await;
    let (_, secret) = world.accounts.create_token(&john, new("john", Vec::new())).await.unwrap();
    let soon = "UPDATE tokens SET expires_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+2 seconds')";
    world.sql().execute(soon, []).unwrap();
    let elsewhere = world.elsewhere();
    assert_eq!(bearer(&elsewhere, &secret).await, None);
    tokio::time::sleep(Duration::from_millis(2_050)).await;
    assert_eq!(bearer(&elsewhere, &secret).await, Some(ErrorKind::Unauthenticated));
}

#[tokio::test]
async fn a_database_that_leaves_the_team_takes_the_permission_along() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let john = world.signed_up("john").await;
    world.signed_up("jane").await;
    world.give_database("shop", "john");
    let (_, secret) =
        world.accounts.create_token(&john, new("john", vec![permission("shop", Access::Read)])).await.unwrap();
    assert_eq!(rights(&world.accounts, &secret, "shop").await, Rights::only(Access::Read));
    let moved = "UPDATE databases SET owner_team = (SELECT id FROM teams WHERE name = 'jane')";
    world.sql().execute(moved, []).unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(rights(&world.accounts, &secret, "shop").await, Rights::NONE);
}

#[tokio::test]
async fn tokens_are_for_the_team() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let (john, ed, jane) = (world.signed_up("john").await, world.signed_up("ed").await, world.signed_up("jane").await);
    accounts.set_roles(&john, "john", "ed", &[Role::Editor]).await.unwrap();
    let (token, secret) = accounts.create_token(&john, new("john", Vec::new())).await.unwrap();
    assert_eq!(accounts.token(&ed, token.id).await.unwrap().shown, token.shown);
    assert_eq!(kind(accounts.token(&jane, token.id).await), Some(ErrorKind::Forbidden));
    for user in [&ed, &jane] {
        assert_eq!(kind(accounts.create_token(user, new("john", Vec::new())).await), Some(ErrorKind::Forbidden));
        let change = TokenChange { name: Some("x".into()), ..TokenChange::default() };
        assert_eq!(kind(accounts.change_token(user, token.id, change).await), Some(ErrorKind::Forbidden));
        assert_eq!(kind(accounts.remove_token(user, token.id).await), Some(ErrorKind::Forbidden));
    }
    let taken = TokenChange { team: Some("jane".into()), ..TokenChange::default() };
    assert_eq!(kind(accounts.change_token(&john, token.id, taken).await), Some(ErrorKind::Forbidden));
    let itself = accounts.bearer(&secret).await.unwrap();
    assert_eq!(kind(accounts.create_token(&itself, new("john", Vec::new())).await), Some(ErrorKind::Forbidden));
}

#[tokio::test]
async fn a_user_s_own_token_is_the_user() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    let (id, token) = accounts.create_user_token("john", "ci", None).await.unwrap();
    assert_eq!(accounts.bearer(&token).await.unwrap(), john);
    let given = secret(&format!("ast_{}", "a1".repeat(12)));
    accounts.create_user_token("root", "given", Some(given.clone())).await.unwrap();
    assert!(accounts.bearer(&given).await.unwrap().is_server_admin());
    let again = accounts.create_user_token("john", "again", Some(given)).await;
    assert_eq!(kind(again), Some(ErrorKind::Conflict));
    for unfit in ["short", "ast_short", "ast_ with spaces and much more of them"] {
        let refused = accounts.create_user_token("john", "x", Some(secret(unfit))).await;
        assert_eq!(kind(refused), Some(ErrorKind::Invalid), "{unfit}");
    }
    assert_eq!(kind(accounts.create_user_token("nobody", "x", None).await), Some(ErrorKind::NotFound));
    let listed = accounts.list_tokens().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|token| (token.id, token.name.as_str(), token.of.clone())).collect();
    let of = |name: &str| TokenOwner::User(name.to_owned());
    assert_eq!(listed, [(id, "ci", of("john")), (id + 1, "given", of("root"))]);
    assert_eq!(kind(accounts.token(&john, id).await), Some(ErrorKind::NotFound), "no team has it");
    accounts.disable("john").await.unwrap();
    assert_eq!(bearer(accounts, &token).await, Some(ErrorKind::Unauthenticated));
    accounts.revoke_token(id).await.unwrap();
    assert_eq!(kind(accounts.revoke_token(id).await), Some(ErrorKind::NotFound));
}
