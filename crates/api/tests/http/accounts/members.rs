//! Members of teams.

use serde_json::{Value, json};

use super::caller::{login, start, status, told};

#[tokio::test]
async fn members_come_change_and_go() {
    let server = start(&["john", "jane"]).await;
    let (john, jane) = (login(&server, "john").await, login(&server, "jane").await);
    assert_eq!(status(&server, &john, "POST", "/api/teams", json!({"name": "shop"})).await, 200);
    let of_jane = "/api/teams/shop/members/jane";
    assert_eq!(status(&server, &jane, "GET", "/api/teams/shop/members", Value::Null).await, 403);
    let editor = json!({"roles": ["Editor"]});
    assert_eq!(told(&server, &john, "PATCH", of_jane, editor.clone()).await, (200, json!({})));
    let (listed, members) = told(&server, &jane, "GET", "/api/teams/shop/members", Value::Null).await;
    let joined = |at: usize| members["members"][at]["joined_utc"].clone();
    let expected = json!({"members": [
        {"username": "jane", "email_address": "jane@example.org", "roles": ["Editor"], "joined_utc": joined(0)},
        {"username": "john", "email_address": "john@example.org", "roles": ["Admin"], "joined_utc": joined(1)},
    ]});
    assert_eq!((listed, &members), (200, &expected));
    assert_eq!(status(&server, &jane, "PATCH", of_jane, json!({"roles": ["Admin"]})).await, 403);
    for (body, expected) in [
        (json!({"roles": ["Owner"]}), 400),
        (json!({"roles": []}), 400),
        (json!({"roles": "Admin"}), 400),
        (json!({}), 400),
        (json!({"roles": ["Admin", "Viewer", "Admin"]}), 200),
    ] {
        assert_eq!(status(&server, &john, "PATCH", of_jane, body.clone()).await, expected, "{body}");
    }
    assert_eq!(status(&server, &john, "PATCH", "/api/teams/shop/members/nobody", editor).await, 404);
    assert_eq!(status(&server, &john, "DELETE", "/api/teams/shop/members/john", Value::Null).await, 200);
    assert_eq!(status(&server, &jane, "DELETE", of_jane, Value::Null).await, 409, "the last Admin stays");
    assert_eq!(status(&server, &jane, "PATCH", of_jane, json!({"roles": ["Viewer"]})).await, 409);
    assert_eq!(status(&server, &john, "DELETE", of_jane, Value::Null).await, 403, "he left");
}
