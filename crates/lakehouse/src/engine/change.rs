//! Statements that change rows which are there: UPDATE, DELETE, MERGE.
//!
//! Each becomes one query that says, row by row, which row of the table goes and what comes in its place. Its rows are
//! written as they come; of the table's own no more is kept in memory than where those stand that go. Then the files
//! that had one of them are written anew without them, and all of it is one commit.

mod delete;
mod merge;
pub mod syntax;
mod update;

use std::sync::{Arc, Mutex};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Int32Type, Schema, SchemaRef};
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, ident};
use futures::{StreamExt, TryStreamExt, stream};
use model::{Access, Database, Error, Result, Rows};
use sqlparser::ast::{self, Query, TableFactor};

pub use self::delete::everything_of;
pub(super) use self::update::assigned;
use super::Session;
use super::context::Context;
use super::modification::lakehouse;
use super::resolve::{Target, parts};
use super::statement::{counted, refuse};
use crate::fault::from_datafusion;
use crate::scan::{Places, Positioned, SnapshotProvider, place};
use crate::table::{Changing, Snapshot};
use crate::write::Converter;

/// The name under which a statement's query finds the table that it changes. Elsewhere in the statement the table has
/// its own name, and no columns that say where its rows are.
pub const TARGET: &str = "__boathouse_target";

/// Columns of the query before those of the new rows: file, row, action.
const BEFORE: usize = 3;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// Another takes its place.
    Update,
    /// It goes.
    Delete,
    /// There was none; one comes.
    Insert,
}

/// What to do with a row that the query names a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeated {
    /// What came first holds.
    Ignore,
    /// The statement fails.
    Fail,
}

/// A planned UPDATE, DELETE or MERGE.
pub struct PlannedChange {
    changed: Changed,
    state: SessionState,
    /// Makes the place of a row, the number of its action, and the columns of the row that comes in its place.
    plan: LogicalPlan,
    /// What the numbers mean.
    actions: Vec<Action>,
    repeated: Repeated,
}

/// The table that a statement changes.
#[derive(Clone)]
struct Changed {
    database: Arc<dyn Database>,
    target: Target,
    snapshot: Arc<Snapshot>,
    /// The name under which the statement speaks of it.
    alias: String,
    /// Until the change is committed, compaction leaves the version as it is.
    _changing: Arc<Changing>,
}

impl Context {
    /// Does what was planned and answers how many rows it was.
    pub async fn change(&self, planned: PlannedChange) -> Result<Rows> {
        let PlannedChange { changed, state, plan, actions, repeated } = planned;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let rows = self.session.run(state.clone(), plan).await?;
        let coming = coming(rows, seen.clone(), actions, repeated, &changed.snapshot.schema)?;
        let staying =
            Staying { session: self.session.clone(), state, snapshot: changed.snapshot.clone(), seen: seen.clone() };
        let schema = changed.snapshot.schema.clone();
        let staying = stream::once(async move { staying.rows().await }).try_flatten();
        let all = Rows::new(schema, coming.chain(staying));
        let replaced = || seen.lock().expect("no holder of this lock panics").places.files();
        let database = lakehouse(changed.database.as_ref(), &changed.target, "this statement")?;
        database.replace_files(&changed.target.table, &changed.snapshot, &replaced, all).await?;
        let seen = seen.lock().expect("no holder of this lock panics");
        Ok(counted(seen.places.len() + seen.inserted))
    }

    /// The table that a statement names as the one to change.
    async fn changed(&self, factor: &TableFactor) -> Result<Changed> {
        let TableFactor::Table { name, alias, args, with_hints, version, sample, .. } = factor else {
            return Err(Error::invalid("Parser Error: the statement takes the name of a table"));
        };
        refuse(&[
            (version.is_some(), "AT of a table that is changed"),
            (sample.is_some(), "TABLESAMPLE of a table that is changed"),
            (args.is_some() || !with_hints.is_empty(), "a function in the place of a table"),
        ])?;
        let target = self.target(&parts(name)?).await?;
        let database = self.open(&target.database, Access::Write).await?;
        self.columns(database.as_ref(), &target).await?;
        let lakehouse = lakehouse(database.as_ref(), &target, "MERGE")?;
        let changing = Arc::new(lakehouse.changing(&target.table).await?);
        let snapshot = lakehouse.snapshot(&target.table).await?;
        let alias = alias.as_ref().map_or_else(|| target.table.table.clone(), |alias| alias.name.value.clone());
        Ok(Changed { database, target, snapshot, alias, _changing: changing })
    }

    /// Plans a query in which [`TARGET`] is the table with the places of its rows.
    async fn plan_change(&self, changed: &Changed, query: Query) -> Result<(SessionState, LogicalPlan)> {
        let provider = self.in_zone(Arc::new(Positioned::new(changed.snapshot.clone())))?;
        let mut inside = self.clone_without_limit();
        inside.given = Some((TARGET.to_owned(), provider_as_source(provider)));
        let state = inside.state();
        let plan = inside.plan(query, &state).await?;
        Ok((state, plan))
    }
}

/// Every row of a table, with an expression of its columns in the place of one of them.
pub async fn columns_with(
    context: &Context,
    target: &Target,
    snapshot: &Arc<Snapshot>,
    position: usize,
    data_type: DataType,
    value: ast::Expr,
) -> Result<Rows> {
    let alias = target.table.table.as_str();
    let fields = snapshot.read_schema.fields().iter().enumerate();
    let items = fields.map(|(index, field)| match index == position {
        true => syntax::item(value.clone(), field.name()),
        false => syntax::item(syntax::column(alias, field.name()), field.name()),
    });
    let query = syntax::query(items.collect(), vec![syntax::alone(syntax::target(alias))], None);
    let mut inside = context.clone_without_limit();
    let provider = inside.in_zone(Arc::new(SnapshotProvider::new(snapshot.clone())))?;
    inside.given = Some((TARGET.to_owned(), provider_as_source(provider)));
    let state = inside.state();
    let plan = inside.plan(query, &state).await?;
    let columns = plan.schema().columns().into_iter().enumerate().map(|(index, column)| match index == position {
        true => cast(Expr::Column(column.clone()), data_type.clone()).alias(&column.name),
        false => Expr::Column(column),
    });
    let plan = LogicalPlanBuilder::from(plan.clone())
        .project(columns.collect::<Vec<Expr>>())
        .and_then(LogicalPlanBuilder::build)
        .map_err(from_datafusion)?;
    context.session.run(state, plan).await
}

/// What a running change has seen so far.
#[derive(Default)]
struct Seen {
    places: Arc<Places>,
    inserted: u64,
}

/// The rows that come, with the table's types, while those that go are written down.
fn coming(
    rows: Rows,
    seen: Arc<Mutex<Seen>>,
    actions: Vec<Action>,
    repeated: Repeated,
    target: &SchemaRef,
) -> Result<stream::BoxStream<'static, Result<RecordBatch>>> {
    let fields: Vec<_> = rows.schema().fields().iter().skip(BEFORE).cloned().collect();
    let schema = Arc::new(Schema::new(fields));
    let converter = (!schema.fields().is_empty()).then(|| Converter::new(target, &schema)).transpose()?;
    let (_, batches) = rows.into_parts();
    let each = move |batch: RecordBatch| {
        let comes = note(&batch, &seen, &actions, repeated)?;
        let Some(converter) = &converter else { return Ok(None) };
        let columns = batch.columns().iter().skip(BEFORE).cloned().collect();
        let new = RecordBatch::try_new(schema.clone(), columns).map_err(Error::internal)?;
        let new = filter_record_batch(&new, &comes).map_err(Error::internal)?;
        converter.convert(&new).map(Some)
    };
    Ok(batches.map(move |batch| batch.and_then(&each)).try_filter_map(|batch| async move { Ok(batch) }).boxed())
}

/// Writes down what becomes of the rows of a batch, and answers which of them bring a new row.
fn note(batch: &RecordBatch, seen: &Mutex<Seen>, actions: &[Action], repeated: Repeated) -> Result<BooleanArray> {
    let numbers = batch.column(BEFORE - 1).as_primitive::<Int32Type>();
    let mut seen = seen.lock().expect("no holder of this lock panics");
    let mut comes = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let number = numbers.is_valid(row).then(|| usize::try_from(numbers.value(row)).ok()).flatten();
        let action = number.and_then(|number| actions.get(number)).copied();
        comes.push(match (action, place(batch, row)) {
            (Some(Action::Insert), _) => {
                seen.inserted += 1;
                true
            }
            (Some(action), Some((file, place))) => {
                let first = Arc::make_mut(&mut seen.places).add(file, place);
                if !first && repeated == Repeated::Fail {
                    return Err(matched_twice());
                }
                first && action == Action::Update
            }
            _ => false,
        });
    }
    Ok(BooleanArray::from(comes))
}

fn matched_twice() -> Error {
    Error::invalid(
        "Invalid Input Error: MERGE INTO command cannot affect the same target row more than once. A target row matched \
         more than one source row; make the source rows unique in the columns of ON, for example with QUALIFY \
         row_number() OVER (PARTITION BY …) = 1",
    )
}

/// The rows of the touched files that stay.
struct Staying {
    session: Arc<Session>,
    state: SessionState,
    snapshot: Arc<Snapshot>,
    seen: Arc<Mutex<Seen>>,
}

impl Staying {
    async fn rows(self) -> Result<stream::BoxStream<'static, Result<RecordBatch>>> {
        let places = self.seen.lock().expect("no holder of this lock panics").places.clone();
        let files = places.files();
        if files.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let columns = self.snapshot.read_schema.fields().iter().map(|field| ident(field.name()));
        let source = provider_as_source(Arc::new(Positioned::of_files(self.snapshot.clone(), files)));
        let plan = LogicalPlanBuilder::scan("t", source, None)
            .and_then(|plan| plan.filter(places.others()))
            .and_then(|plan| plan.project(columns))
            .and_then(LogicalPlanBuilder::build)
            .map_err(from_datafusion)?;
        let rows = self.session.run(self.state.clone(), plan).await?;
        let converter = Converter::new(&self.snapshot.schema, rows.schema())?;
        let (_, batches) = rows.into_parts();
        Ok(batches.map(move |batch| batch.and_then(|batch| converter.convert(&batch))).boxed())
    }
}
