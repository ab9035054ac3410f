//! `GET /dbs/{dbId}`

use model::ObjectKind;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use services::{Databases, Description};

use super::caller::Anyone;
use super::page::Page;
use super::{Reply, Tag};
use crate::html::{self, Html, url_part};
use crate::name::Name;

/// The page, as an answer.
#[derive(ApiResponse)]
pub enum PageReply {
    /// The page.
    #[oai(status = 200)]
    Shown(Page),
}

/// The operation that shows the page to which a browser is led.
pub struct DatabasePageApi {
    pub(super) databases: Databases,
}

#[OpenApi(tag = "Tag::Databases")]
impl DatabasePageApi {
    /// Show the page of a database
    ///
    /// What stands in it, its links, and how programs reach it: where a browser is led that made a database. Takes read
    /// access.
    #[oai(path = "/dbs/:dbId", method = "get", operation_id = "show_database")]
    async fn show(
        &self,
        Anyone(me): Anyone,
        /// The id of the database.
        #[oai(name = "dbId")]
        Path(db_id): Path<Name>,
    ) -> Reply<PageReply> {
        Ok(PageReply::Shown(page(&self.databases.describe(&me, &db_id.0).await?)))
    }
}

fn page(description: &Description) -> Page {
    let Description { record, file, objects, notes, rows: _ } = description;
    let shown = |kind| objects.iter().filter(move |object| object.kind == kind);
    let entries = shown(ObjectKind::Table).chain(shown(ObjectKind::View)).map(|object| {
        let about = notes.description(&object.name).map(|text| format!(": {text}")).unwrap_or_default();
        let values = [("name", Html::text(&object.name)), ("about", Html::text(&about))];
        html::fill("<li><code>{{name}}</code>{{about}}</li>", &values)
    });
    let id = record.info.id.as_str();
    let bytes = file.as_ref().map_or_else(String::new, |file| format!("{} bytes. ", file.bytes));
    let about = record.description.clone().unwrap_or_default();
    let values = [
        ("about", Html::text(&about)),
        ("bytes", Html::text(&bytes)),
        ("id", Html::text(id)),
        ("part", Html::text(&url_part(id))),
        ("readonly", Html::text(record.readonly_id.as_deref().unwrap_or_default())),
        ("tables", entries.collect()),
    ];
    Page::new(record.title(), 1, html::fill(include_str!("pages/database.html"), &values))
}
