//! Members and their roles.

use model::{Access, ErrorKind, Resource, Rights};
use services::{AccountsConfig, Role};

use super::world::{AccountsWorld, kind, secret};

#[tokio::test]
async fn roles_are_rights_in_the_team_at_once() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    world.signed_up("jane").await;
    accounts.create_team(&john, "shop").await.unwrap();
    let team: i64 = world.sql().query_row("SELECT id FROM teams WHERE name = 'shop'", [], |row| row.get(0)).unwrap();
    let session = accounts.login("jane", &secret("test123"), None).await.unwrap();
    let rights = async || {
        let by_password = accounts.authenticate("jane", &secret("test123")).await.unwrap();
        let by_session = accounts.bearer(&session.token).await.unwrap();
        assert_eq!(by_password, by_session);
        by_session.granted(&Resource::Team(team))
    };
    assert_eq!(rights().await, Rights::NONE);
    for (roles, expected) in [
        (&[Role::Viewer][..], Rights::up_to(Access::Read)),
        (&[Role::Editor], Rights::up_to(Access::Write)),
        (&[Role::Admin, Role::Editor], Rights::ALL),
        (&[Role::Viewer, Role::Viewer], Rights::up_to(Access::Read)),
    ] {
        accounts.set_roles(&john, "shop", "jane", roles).await.unwrap();
        assert_eq!(rights().await, expected, "{roles:?}");
    }
    let members = accounts.members(&john, "shop").await.unwrap();
    let shown: Vec<_> = members.iter().map(|member| (member.user.as_str(), member.roles.as_slice())).collect();
    assert_eq!(shown, [("jane", &[Role::Viewer][..]), ("john", &[Role::Admin])]);
    assert_eq!(members[0].email.as_deref(), Some("jane@example.org"));
    accounts.remove_member(&john, "shop", "jane").await.unwrap();
    assert_eq!(rights().await, Rights::NONE);
}

#[tokio::test]
async fn a_team_keeps_an_admin() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let (john, jane) = (world.signed_up("john").await, world.signed_up("jane").await);
    accounts.create_team(&john, "shop").await.unwrap();
    accounts.set_roles(&john, "shop", "jane", &[Role::Editor]).await.unwrap();
    assert_eq!(kind(accounts.remove_member(&john, "shop", "john").await), Some(ErrorKind::Conflict));
    assert_eq!(kind(accounts.set_roles(&john, "shop", "john", &[Role::Editor]).await), Some(ErrorKind::Conflict));
    accounts.set_roles(&john, "shop", "jane", &[Role::Admin]).await.unwrap();
    accounts.set_roles(&john, "shop", "john", &[Role::Viewer]).await.unwrap();
    accounts.remove_member(&john, "shop", "john").await.unwrap();
    assert_eq!(kind(accounts.team(&john, "shop").await), Some(ErrorKind::Forbidden));
    assert_eq!(kind(accounts.remove_member(&jane, "shop", "jane").await), Some(ErrorKind::Conflict));
}

#[tokio::test]
async fn whose_personal_team_it_is_stays_its_admin() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let (john, jane) = (world.signed_up("john").await, world.signed_up("jane").await);
    accounts.set_roles(&john, "john", "jane", &[Role::Admin]).await.unwrap();
    assert_eq!(kind(accounts.remove_member(&jane, "john", "john").await), Some(ErrorKind::Conflict));
    assert_eq!(kind(accounts.set_roles(&jane, "john", "john", &[Role::Viewer]).await), Some(ErrorKind::Conflict));
}

#[tokio::test]
async fn who_is_not_there_is_named() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    let accounts = &world.accounts;
    let john = world.signed_up("john").await;
    world.signed_up("jane").await;
    let nobody = accounts.set_roles(&john, "john", "nobody", &[Role::Viewer]).await.unwrap_err();
    assert_eq!((nobody.kind(), nobody.message()), (ErrorKind::NotFound, "User \"nobody\" does not exist"));
    let no_member = accounts.remove_member(&john, "john", "jane").await.unwrap_err();
    assert_eq!((no_member.kind(), no_member.message()), (ErrorKind::NotFound, "Member \"jane\" does not exist"));
    assert_eq!(kind(accounts.set_roles(&john, "john", "jane", &[]).await), Some(ErrorKind::Invalid));
    assert_eq!(kind("Owner".parse::<Role>()), Some(ErrorKind::Invalid));
}
