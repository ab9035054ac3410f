//! Charts, their pictures, and dashboards.

use poem::http::Method;
use serde_json::{Value, json};

use crate::server::Answer;
use crate::shop::{Shop, Who, read, request};

async fn shop() -> Shop {
    Shop::with(&[
        "CREATE TABLE sales (country TEXT, total REAL, orders INTEGER)",
        "INSERT INTO sales VALUES ('Chile', 10.5, 3), ('Peru', -2, 1), ('<script>alert(1)</script>', NULL, 2)",
    ])
    .await
}

fn draft() -> Value {
    json!({"title": "Sales", "chartType": "BarChart", "table": "sales", "headers": ["country", "total"],
           "hideNullValues": false, "labelRotation": -45})
}

async fn create(shop: &Shop, body: Value) -> String {
    let answer = shop.call(Method::POST, "/charts", Some(body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    read(&answer)["ulid"].as_str().unwrap().to_owned()
}

async fn list(shop: &Shop, what: &str) -> Value {
    let answer = shop.call(Method::GET, &format!("/{what}"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    read(&answer)[what].clone()
}

async fn picture(shop: &Shop, who: Who<'_>, chart: &str, query: &str) -> Answer {
    let path = format!("/api/dbs/{}/charts/{chart}.svg{query}", shop.id);
    request(&shop.server, who, Method::GET, &path, None).await
}

fn message(answer: &Answer) -> String {
    read(answer)["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn charts_are_kept_changed_and_removed() {
    let shop = shop().await;
    let first = create(&shop, draft()).await;
    assert!(first.len() == 26 && first.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()), "{first}");
    let unknown = json!({"title": "", "chartType": "Sankey", "table": "SALES", "headers": []});
    let second = create(&shop, unknown).await;
    let kept = json!([
        {"ulid": first, "title": "Sales", "chartType": "BarChart", "table": "sales", "headers": ["country", "total"],
         "hideNullValues": false, "labelRotation": -45},
        {"ulid": second, "title": "", "chartType": "Sankey", "table": "SALES", "headers": [], "hideNullValues": false,
         "labelRotation": 0},
    ]);
    assert_eq!(list(&shop, "charts").await, kept);
    let path = format!("/charts/{first}");
    for (patch, key, value) in [
        (json!({"title": "Other"}), "title", json!("Other")),
        (json!({"headers": ["country", "orders"]}), "headers", json!(["country", "orders"])),
        (json!({"hideNullValues": true, "labelRotation": null}), "hideNullValues", json!(true)),
        (json!({"labelRotation": 90}), "labelRotation", json!(90)),
        (json!({}), "chartType", json!("BarChart")),
    ] {
        let answer = shop.call(Method::PATCH, &path, Some(patch)).await;
        assert_eq!((answer.status, read(&answer)), (200, json!({})));
        assert_eq!(list(&shop, "charts").await[0][key], value);
    }
    assert_eq!(shop.call(Method::DELETE, &path, None).await.status, 200);
    assert_eq!(list(&shop, "charts").await.as_array().unwrap().len(), 1);
    for method in [Method::DELETE, Method::PATCH] {
        let gone = shop.call(method, &path, Some(json!({}))).await;
        assert_eq!((gone.status, message(&gone)), (404, format!("Chart \"{first}\" does not exist")));
    }
}

#[tokio::test]
async fn what_a_chart_names_must_be_there() {
    let shop = shop().await;
    let chart = create(&shop, draft()).await;
    for (change, told) in [
        (json!({"table": "nothing"}), "`table` names \"nothing\""),
        (
            json!({"headers": ["country", "price"]}),
            "no column of \"sales\"; there are \"country\", \"total\", \"orders\"",
        ),
        (json!({"labelRotation": 361}), "`labelRotation` is 361"),
        (json!({"chartType": ""}), "`chartType`"),
        (json!({"title": "x".repeat(501)}), "`title` has 501 characters"),
        (json!({"headers": "total"}), "`headers`"),
    ] {
        let mut body = draft();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let created = shop.call(Method::POST, "/charts", Some(body)).await;
        assert_eq!(created.status, 400, "{change}");
        assert!(message(&created).contains(told), "{}", message(&created));
        let changed = shop.call(Method::PATCH, &format!("/charts/{chart}"), Some(change.clone())).await;
        assert_eq!(changed.status, 400, "{change}");
    }
    assert_eq!(list(&shop, "charts").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_chart_is_drawn_of_what_the_table_holds_now() {
    let shop = shop().await;
    let chart = create(&shop, draft()).await;
    let answer = picture(&shop, Who::Owner, &chart, "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/svg+xml")));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let svg = answer.text();
    assert!(svg.starts_with("<svg ") && svg.contains("width=\"800\" height=\"480\""), "{svg}");
    for part in [">Sales<", ">Chile<", ">Peru<", ">&lt;script&gt;alert(1)&lt;/script&gt;<", ">total<"] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert!(!svg.contains("<script"), "{svg}");
    shop.sql("INSERT INTO sales VALUES ('Ghana', 5, 5)").await;
    let small = picture(&shop, Who::Owner, &chart, "?width=300&height=200").await;
    assert!(small.text().contains("width=\"300\" height=\"200\""), "{}", small.text());
    assert!(picture(&shop, Who::Owner, &chart, "").await.text().contains(">Ghana<"));
}

#[tokio::test]
async fn a_drawing_that_cannot_be_says_why() {
    let shop = shop().await;
    let chart = create(&shop, draft()).await;
    for (query, told) in [("?width=100", "width"), ("?height=4001", "height"), ("?width=wide", "width")] {
        let answer = picture(&shop, Who::Owner, &chart, query).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains(told), "{}", message(&answer));
    }
    let bare = shop.call(Method::GET, &format!("/charts/{chart}"), None).await;
    assert_eq!(bare.status, 400);
    assert!(message(&bare).contains(".svg"), "{}", message(&bare));
    let unknown = picture(&shop, Who::Owner, "nothing", "").await;
    assert_eq!((unknown.status, message(&unknown)), (404, "Chart \"nothing\" does not exist".to_owned()));
    let path = format!("/charts/{chart}");
    shop.call(Method::PATCH, &path, Some(json!({"chartType": "Sankey"}))).await;
    let kind = picture(&shop, Who::Owner, &chart, "").await;
    assert_eq!(kind.status, 400);
    assert!(message(&kind).contains("\"Sankey\"") && message(&kind).contains("PieChart"), "{}", message(&kind));
    shop.call(Method::PATCH, &path, Some(json!({"chartType": "LineChart"}))).await;
    shop.sql("ALTER TABLE sales DROP COLUMN total").await;
    let column = picture(&shop, Who::Owner, &chart, "").await;
    assert!(column.status == 400 && message(&column).contains("\"total\""), "{}", message(&column));
    shop.sql("DROP TABLE sales").await;
    let table = picture(&shop, Who::Owner, &chart, "").await;
    assert!(table.status == 400 && message(&table).contains("\"sales\""), "{}", message(&table));
}

#[tokio::test]
async fn names_and_cells_can_be_anything() {
    let shop = Shop::with(&[
        r#"CREATE TABLE "a ""b"" ü" ("x y" TEXT, "z""" ANY, "select" REAL)"#,
        r#"INSERT INTO "a ""b"" ü" VALUES ('2024-01-01', 9223372036854775807, 1e308), ('2024-01-02', 'many', -1e308),
           (NULL, x'00', NULL), ('2024-01-04', '12', 0.1)"#,
    ])
    .await;
    for kind in ["BarChart", "LineChart", "AreaChart", "ScatterChart", "PieChart", "TableChart"] {
        let body = json!({"title": "ü \u{0}<&>", "chartType": kind, "table": "a \"b\" ü", "headers": ["x y", "z\"", "select"],
                          "hideNullValues": true});
        let chart = create(&shop, body).await;
        let answer = picture(&shop, Who::Owner, &chart, "").await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
        assert!(answer.text().contains("<title>ü &lt;&amp;&gt;</title>"), "{kind}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_long_table_is_cut_and_the_picture_says_so() {
    let shop = Shop::with(&[
        "CREATE TABLE numbers (n INTEGER, square INTEGER)",
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 10001) \
         INSERT INTO numbers SELECT n, n * n FROM s",
    ])
    .await;
    let body = json!({"title": "", "chartType": "LineChart", "table": "numbers", "headers": ["n", "square"]});
    let chart = create(&shop, body).await;
    let answer = picture(&shop, Who::Owner, &chart, "").await;
    assert!(answer.text().contains("only the first 10,000 rows are shown"), "{}", answer.text().len());
    shop.sql("DELETE FROM numbers WHERE n = 1").await;
    assert!(!picture(&shop, Who::Owner, &chart, "").await.text().contains("only the first"));
}

#[tokio::test]
async fn dashboards_show_charts_of_their_database() {
    let shop = shop().await;
    let (one, two) = (create(&shop, draft()).await, create(&shop, draft()).await);
    let body = json!({"title": "Board", "charts": [two, one]});
    let made = read(&shop.call(Method::POST, "/dashboards", Some(body)).await);
    let board = made["ulid"].as_str().unwrap().to_owned();
    assert_eq!(made, json!({"ulid": board, "title": "Board", "charts": [two, one]}));
    for body in [json!({"title": "x", "charts": ["nothing"]}), json!({"title": "x"}), json!({"charts": []})] {
        assert_eq!(shop.call(Method::POST, "/dashboards", Some(body)).await.status, 400);
    }
    let path = format!("/dashboards/{board}");
    assert_eq!(shop.call(Method::PATCH, &path, Some(json!({"charts": ["nothing"]}))).await.status, 400);
    assert_eq!(shop.call(Method::PATCH, &path, Some(json!({"title": "Other"}))).await.status, 200);
    assert_eq!(list(&shop, "dashboards").await, json!([{"ulid": board, "title": "Other", "charts": [two, one]}]));
    shop.call(Method::DELETE, &format!("/charts/{two}"), None).await;
    assert_eq!(list(&shop, "dashboards").await[0]["charts"], json!([one]), "a chart that is gone is shown no more");
    assert_eq!(shop.call(Method::DELETE, &path, None).await.status, 200);
    assert_eq!(shop.call(Method::DELETE, &path, None).await.status, 404);
    assert_eq!(list(&shop, "charts").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn readers_see_and_draw_and_change_nothing() {
    let shop = shop().await;
    let chart = create(&shop, draft()).await;
    let (read, insert) = (shop.token(&["read"]).await, shop.token(&["insert"]).await);
    let base = format!("/api/dbs/{}", shop.id);
    let send = |who, method, below: String, body| {
        let (server, path) = (&shop.server, format!("{base}{below}"));
        async move { request(server, who, method, &path, body).await.status }
    };
    for (who, seen, changed) in [
        (Who::Bearer(&read), 200, 403),
        (Who::Bearer(&insert), 403, 403),
        (Who::Stranger, 404, 404),
        (Who::Nobody, 401, 401),
    ] {
        for below in ["/charts".to_owned(), "/dashboards".to_owned(), format!("/charts/{chart}.svg")] {
            assert_eq!(send(who, Method::GET, below, None).await, seen);
        }
        assert_eq!(send(who, Method::POST, "/charts".to_owned(), Some(draft())).await, changed);
        assert_eq!(send(who, Method::PATCH, format!("/charts/{chart}"), Some(json!({}))).await, changed);
        assert_eq!(send(who, Method::DELETE, format!("/charts/{chart}"), None).await, changed);
        let board = Some(json!({"title": "", "charts": []}));
        assert_eq!(send(who, Method::POST, "/dashboards".to_owned(), board).await, changed);
    }
    let other = Shop::start().await;
    let elsewhere = picture(&other, Who::Owner, &chart, "").await;
    assert_eq!(elsewhere.status, 404, "a chart belongs to its database");
}
