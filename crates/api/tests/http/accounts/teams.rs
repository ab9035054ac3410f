//! Teams.

use serde_json::{Value, json};

use super::caller::{login, start, status, told};

#[tokio::test]
async fn a_team_s_life() {
    let server = start(&["john", "jane"]).await;
    let (john, jane) = (login(&server, "john").await, login(&server, "jane").await);
    let made = told(&server, &john, "POST", "/api/teams", json!({"name": "good corp/é"})).await;
    let created = made.1["created_utc"].as_str().unwrap();
    assert!(created.len() == 24 && created.ends_with('Z'), "milliseconds: {created}");
    let team = json!({"name": "good corp/é", "created_utc": created, "billing": null, "databases": []});
    assert_eq!(made, (200, team.clone()));
    let path = "/api/teams/good%20corp%2F%C3%A9";
    assert_eq!(told(&server, &john, "GET", path, Value::Null).await, (200, team));
    assert_eq!(status(&server, &jane, "POST", "/api/teams", json!({"name": "Good Corp/É"})).await, 409);
    assert_eq!(status(&server, &jane, "GET", path, Value::Null).await, 403);
    assert_eq!(status(&server, "", "GET", path, Value::Null).await, 401);
    assert_eq!(status(&server, &jane, "PATCH", path, json!({"name": "mine"})).await, 403);
    assert_eq!(status(&server, &jane, "DELETE", path, Value::Null).await, 403);
    assert_eq!(status(&server, &john, "GET", "/api/teams/nope", Value::Null).await, 404);
    let change = json!({"name": "better corp", "billing_email_address": "Billing@good-corp.com", "billing_plan": null});
    let (changed, team) = told(&server, &john, "PATCH", path, change).await;
    let billing = json!({"email_address": "billing@good-corp.com", "plan": null, "subscription_id": null});
    assert_eq!((changed, &team["name"], &team["billing"]), (200, &json!("better corp"), &billing));
    assert_eq!(status(&server, &john, "GET", path, Value::Null).await, 404);
    let path = "/api/teams/better%20corp";
    assert_eq!(status(&server, &john, "PATCH", path, json!({"name": "jane"})).await, 409);
    assert_eq!(status(&server, &john, "PATCH", path, json!({"billing_plan": "pro"})).await, 403);
    let root = login(&server, "root").await;
    assert_eq!(status(&server, &root, "PATCH", path, json!({"billing_plan": "gold"})).await, 400);
    let (changed, team) =
        told(&server, &root, "PATCH", path, json!({"billing_plan": "pro", "billing_subscription_id": 7})).await;
    assert_eq!(
        (changed, &team["billing"]["plan"], &team["billing"]["subscription_id"]),
        (200, &json!("pro"), &json!(7))
    );
    assert_eq!(told(&server, &john, "DELETE", path, Value::Null).await, (200, json!({})));
    assert_eq!(status(&server, &john, "DELETE", path, Value::Null).await, 404);
    assert_eq!(status(&server, &john, "DELETE", "/api/teams/john", Value::Null).await, 409);
}
