//! Names and passwords that come with every request.

use std::net::IpAddr;

use model::ErrorKind;
use services::AccountsConfig;

use super::world::{AccountsWorld, kind, secret};

#[tokio::test(flavor = "multi_thread")]
async fn many_first_calls_with_right_credentials_are_all_let_in() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    let calls = (0..50).map(|_| {
        let accounts = world.accounts.clone();
        tokio::spawn(async move { accounts.authenticate_from("john", &secret("test123"), None).await.is_ok() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_wrong_ones_at_once_few_are_verified() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    let calls = (0..100).map(|number| {
        let accounts = world.accounts.clone();
        tokio::spawn(
            async move { kind(accounts.authenticate_from("john", &secret(&format!("wrong{number}")), None).await) },
        )
    });
    let mut verified = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Some(ErrorKind::Unauthenticated) => verified += 1,
            Some(ErrorKind::RateLimited) => {}
            other => panic!("{other:?}"),
        }
    }
    // Four passwords at most are verified at a time, so that three may be beyond the ten.
    assert!((10..=13).contains(&verified), "{verified}");
}

#[tokio::test]
async fn an_address_that_the_account_is_used_from_has_its_own_limit() {
    let world = AccountsWorld::new(AccountsConfig::default()).await;
    world.signed_up("john").await;
    // Another process, which remembers nothing yet.
    let accounts = world.elsewhere();
    let (home, elsewhere) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
    let call = async |password: &str, from| kind(accounts.authenticate_from("john", &secret(password), from).await);
    assert_eq!(call("test123", home).await, None);
    for _ in 0..10 {
        assert_eq!(call("wrong!", elsewhere).await, Some(ErrorKind::Unauthenticated));
    }
    assert_eq!(call("wrong!", elsewhere).await, Some(ErrorKind::RateLimited));
    assert_eq!(call("other!", home).await, Some(ErrorKind::Unauthenticated), "verified, not refused");
    assert_eq!(call("test123", elsewhere).await, None, "it is remembered");
    accounts.login("john", &secret("test123"), home).await.unwrap();
}
