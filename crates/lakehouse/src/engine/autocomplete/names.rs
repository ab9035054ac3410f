//! What there is to suggest: columns of the tables in the statement, tables, schemas, databases, functions.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use model::{Access, Database, Result, SuggestionKind, name_key};
use sqlparser::ast::Statement;

use super::keywords;
use super::ranking::Ranking;
use super::reading::{Defined, Place, Reading, Relation};
use crate::engine::context::Context;
use crate::engine::{information_schema, parse};

/// Tables of one statement whose columns are looked up.
const RELATIONS: usize = 40;

/// The names that are in reach of one statement.
pub struct Names<'a> {
    context: &'a Context,
    text: &'a str,
    relations: Vec<Relation>,
    defined: Vec<Defined>,
    target: Option<Relation>,
}

impl<'a> Names<'a> {
    /// Those of a statement that was read as far as it goes.
    pub fn new(context: &'a Context, text: &'a str, reading: &Reading) -> Self {
        let mut relations = reading.relations();
        relations.truncate(RELATIONS);
        Self { context, text, relations, defined: reading.defined.clone(), target: reading.target.clone() }
    }

    /// The columns of every table of the statement, and the tables' own names to put before them.
    pub async fn columns(&mut self, ranking: &mut Ranking) {
        let mut position = 0;
        for relation in self.relations.clone() {
            if let Some(name) = relation.alias.as_ref().or(relation.parts.last()) {
                ranking.name(name, SuggestionKind::Table, 1, position);
            }
            for field in self.columns_of(&relation).await.fields() {
                position += 1;
                ranking.name(field.name(), SuggestionKind::Column, 0, position);
            }
        }
    }

    /// The columns of the table that is written to.
    pub async fn target_columns(&mut self, ranking: &mut Ranking) {
        let Some(target) = self.target.clone() else { return };
        for (position, field) in self.columns_of(&target).await.fields().iter().enumerate() {
            ranking.name(field.name(), SuggestionKind::Column, 0, position);
        }
    }

    /// Functions of values.
    pub fn functions(&self, ranking: &mut Ranking) {
        let state = self.context.state();
        let scalars = state.scalar_functions().keys();
        let mut names: Vec<&String> =
            scalars.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys()).collect();
        names.sort_unstable();
        for (position, name) in names.into_iter().enumerate() {
            ranking.function(name, SuggestionKind::Function, 2, position);
        }
    }

    /// Everything that can stand after FROM without a dot.
    pub async fn tables(&mut self, ranking: &mut Ranking) {
        for (position, defined) in self.defined.iter().enumerate() {
            ranking.name(&defined.name, SuggestionKind::Table, 0, position);
        }
        let Context { database, schema, catalogs, .. } = self.context;
        if let Ok(opened) = self.context.open(database, Access::Read).await {
            // A table that cannot be listed cannot be suggested; that is all that follows from it.
            let _ = tables_in(opened.as_ref(), schema, self.defined.len(), ranking).await;
            let _ = schemas_in(opened.as_ref(), 1, ranking).await;
        }
        for (position, info) in catalogs.list().await.unwrap_or_default().into_iter().enumerate() {
            ranking.name(info.name.as_str(), SuggestionKind::Catalog, 2, position);
        }
        let state = self.context.state();
        let mut functions: Vec<&str> = state.table_functions().keys().map(String::as_str).collect();
        functions.extend(keywords::TABLE_FUNCTIONS);
        functions.sort_unstable();
        for (position, name) in functions.into_iter().enumerate() {
            ranking.function(name, SuggestionKind::TableFunction, 3, position);
        }
    }

    /// What can follow on `qualifier` and a dot.
    pub async fn qualified(&mut self, qualifier: &[String], place: &Place, ranking: &mut Ranking) {
        let as_table = matches!(place, Place::Table | Place::AfterTable | Place::Nothing);
        if as_table {
            let _ = self.below(qualifier, ranking).await;
            return;
        }
        let meant = self.relations.iter().find(|relation| relation.is_called(qualifier)).cloned();
        match meant {
            Some(relation) => {
                for (position, field) in self.columns_of(&relation).await.fields().iter().enumerate() {
                    ranking.name(field.name(), SuggestionKind::Column, 0, position);
                }
            }
            None => drop(self.below(qualifier, ranking).await),
        }
    }

    /// Tables and schemas below a schema or a database.
    async fn below(&self, qualifier: &[String], ranking: &mut Ranking) -> Result<()> {
        match qualifier {
            [first] => {
                let current = self.context.open(&self.context.database, Access::Read).await?;
                if information_schema::SCHEMA == name_key(first) {
                    ranking.all(SuggestionKind::Table, keywords::INFORMATION_SCHEMA, 0);
                } else if has_schema(current.as_ref(), first).await? {
                    tables_in(current.as_ref(), first, 0, ranking).await?;
                } else {
                    let other = self.context.open(first, Access::Read).await?;
                    schemas_in(other.as_ref(), 0, ranking).await?;
                    tables_in(other.as_ref(), "main", 0, ranking).await?;
                }
            }
            [_, schema] if information_schema::SCHEMA == name_key(schema) => {
                ranking.all(SuggestionKind::Table, keywords::INFORMATION_SCHEMA, 0);
            }
            [database, schema] => {
                let opened = self.context.open(database, Access::Read).await?;
                tables_in(opened.as_ref(), schema, 0, ranking).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The columns of something in the statement: those of the query that reads all of it. None where it cannot be
    /// planned, for what is not there or not complete.
    async fn columns_of(&self, relation: &Relation) -> SchemaRef {
        self.planned(relation).await.unwrap_or_else(|| Arc::new(arrow::datatypes::Schema::empty()))
    }

    async fn planned(&self, relation: &Relation) -> Option<SchemaRef> {
        let source = self.text.get(relation.start..relation.end)?;
        let text = format!("{}SELECT * FROM {source}", self.definitions_before(relation));
        let statement = parse::statements(&text).ok()?.pop()?;
        let Statement::Query(query) = statement else { return None };
        let context = self.context.clone_without_limit();
        let plan = Box::pin(async move { context.plan(*query, &context.state()).await }).await.ok()?;
        Some(Arc::new(plan.schema().as_arrow().clone()))
    }

    /// `WITH RECURSIVE …` for the tables that the statement has defined before a place.
    fn definitions_before(&self, relation: &Relation) -> String {
        let before = self.defined.iter().filter(|defined| defined.end <= relation.start);
        let texts: Vec<&str> = before.filter_map(|defined| self.text.get(defined.start..defined.end)).collect();
        if texts.is_empty() { String::new() } else { format!("WITH RECURSIVE {} ", texts.join(", ")) }
    }
}

impl Relation {
    /// Whether columns of it can be written with this before the dot.
    fn is_called(&self, qualifier: &[String]) -> bool {
        let same = |a: &str, b: &str| name_key(a) == name_key(b);
        match (&self.alias, qualifier) {
            (Some(alias), [only]) => same(alias, only),
            (Some(_), _) => false,
            (None, _) => {
                let own = self.parts.iter().rev();
                qualifier.len() <= self.parts.len() && qualifier.iter().rev().zip(own).all(|(a, b)| same(a, b))
            }
        }
    }
}

async fn has_schema(database: &dyn Database, name: &str) -> Result<bool> {
    Ok(database.schemas().await?.iter().any(|schema| name_key(schema) == name_key(name)))
}

/// The tables of a schema, from this position on: what the statement itself defines goes before.
async fn tables_in(database: &dyn Database, schema: &str, first: usize, ranking: &mut Ranking) -> Result<()> {
    let mut tables = database.tables().await?;
    tables.retain(|info| name_key(&info.name.schema) == name_key(schema));
    tables.sort_by(|a, b| a.name.table.cmp(&b.name.table));
    for (position, info) in (first..).zip(&tables) {
        ranking.name(&info.name.table, SuggestionKind::Table, 0, position);
    }
    Ok(())
}

async fn schemas_in(database: &dyn Database, rank: u32, ranking: &mut Ranking) -> Result<()> {
    let mut schemas = database.schemas().await?;
    schemas.push(information_schema::SCHEMA.to_owned());
    for (position, schema) in schemas.iter().enumerate() {
        ranking.name(schema, SuggestionKind::Schema, rank, position);
    }
    Ok(())
}
