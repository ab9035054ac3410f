//! The demo's SQLite database: a small shop with a chart, a dashboard and an app, under the ids that the documents name.

use model::{Access, DatabaseName, Error, ErrorKind, Result, StorageKind};
use serde_json::Value;
use services::{AppUpload, Chart, Dashboard, Services, operator};

/// Its name, and its id.
pub const NAME: &str = "shop";
const SCRIPT: &str = include_str!("shop.sql");
const AROUND: &str = include_str!("shop.json");
const PAGE: &str = include_str!("customers.html");

/// Makes the shop where there is none, as on the demo's first start. It is the server's own: every user of the demo may do
/// there what they may do elsewhere.
///
/// # Errors
/// Those of making a database.
pub async fn prepare(services: &Services) -> Result<()> {
    let me = operator();
    match services.databases.create(&me, &DatabaseName::new(NAME)?, StorageKind::Sqlite).await {
        Err(taken) if taken.kind() == ErrorKind::Conflict => {}
        other => other?,
    }
    let opened = services.databases.open_id(&me, NAME, Access::Admin).await?;
    // One that an interrupted start left is empty; in any other somebody may have changed things.
    if !opened.database.tables().await?.is_empty() {
        return Ok(());
    }
    let file = opened.database.as_file().ok_or_else(|| Error::internal("a SQLite database is a file"))?;
    file.run_script(SCRIPT).await?;
    let around: Value = serde_json::from_str(AROUND).map_err(Error::internal)?;
    services.charts.keep(&me, NAME, chart(&around["chart"])).await?;
    services.dashboards.keep(&me, NAME, dashboard(&around["dashboard"])).await?;
    let app = &around["app"];
    let upload = AppUpload {
        name: Some(text(&app["name"])),
        file_name: None,
        description: Some(text(&app["description"])),
        html: PAGE.as_bytes().to_vec(),
    };
    services.apps.put(&me, NAME, &text(&app["id"]), upload).await.map(drop)
}

fn chart(node: &Value) -> Chart {
    Chart {
        id: text(&node["ulid"]),
        title: text(&node["title"]),
        chart_type: text(&node["chartType"]),
        table: text(&node["table"]),
        headers: texts(&node["headers"]),
        hide_null_values: node["hideNullValues"].as_bool().unwrap_or_default(),
        label_rotation: node["labelRotation"].as_i64().unwrap_or_default(),
    }
}

fn dashboard(node: &Value) -> Dashboard {
    Dashboard { id: text(&node["ulid"]), title: text(&node["title"]), charts: texts(&node["charts"]) }
}

fn text(node: &Value) -> String {
    node.as_str().unwrap_or_default().to_owned()
}

fn texts(node: &Value) -> Vec<String> {
    node.as_array().into_iter().flatten().map(text).collect()
}
