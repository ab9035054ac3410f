//! `MERGE INTO table USING source ON condition WHEN …`.
//!
//! Its query joins the source with the table, so that each pair, and each row that has no partner, finds the first
//! clause that fits it.

use arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::LogicalPlan;
use model::{Error, Result, name_key, sql_type};
use sqlparser::ast::{
    CastKind, Expr, Ident, Join, JoinConstraint, JoinOperator, SelectItem, TableFactor, TableWithJoins, Value,
    WildcardAdditionalOptions,
};

use super::syntax::{and, case, column, equal, item, named, null, number, parsed, places, query, select_of, target};
use super::update::assigned;
use super::{Action, Changed, PlannedChange, Repeated};
use crate::engine::context::Context;
use crate::engine::script::{ByWhat, Merge, MergeAction, MergeOn, MergeWhen};
use crate::engine::statement::refuse;
use crate::scan::ROW;

/// The column that says that a row of the source is there.
const PRESENT: &str = "__boathouse_present";

/// The source of a MERGE.
struct Source {
    factor: TableFactor,
    alias: String,
    columns: Vec<String>,
}

/// A clause as the query has it: when it holds, and the values of the table's columns afterwards.
struct Branch {
    condition: Expr,
    action: Option<Action>,
    /// In the order of the table's columns; empty where no row comes.
    values: Vec<Expr>,
}

impl Context {
    /// Plans a MERGE. A row of the table that two rows of the source would change fails it.
    pub async fn plan_merge(&self, merge: Merge) -> Result<PlannedChange> {
        let changed = self.changed(&merge.table).await?;
        let source = self.source_of(merge.source).await?;
        if name_key(&source.alias) == name_key(&changed.alias) {
            return Err(Error::invalid(format!(
                "Binder Error: table and source of MERGE have the same name \"{}\"; give one another with AS",
                source.alias
            )));
        }
        let whens: Vec<MergeWhen> = merge.clauses.iter().map(|clause| clause.when).collect();
        let on = match merge.on {
            MergeOn::Condition(condition) => *condition,
            MergeOn::Columns(columns) => same_columns(&columns, &changed.alias, &source.alias)?,
        };
        let mut branches = Vec::new();
        for clause in merge.clauses {
            let holds = holds(clause.when, &changed.alias, &source.alias);
            let condition = match clause.condition {
                Some(condition) => and(holds, condition),
                None => holds,
            };
            let (action, values) = changed.effect(clause.action, &source)?;
            branches.push(Branch { condition, action, values });
        }
        let from = joined(&changed.alias, &source, on, &whens);
        let (items, actions) = changed.merged_items(&branches)?;
        let acts = Expr::IsNotNull(Box::new(action_of(&branches)));
        let (state, plan) = self.plan_change(&changed, query(items, vec![from], Some(acts))).await?;
        refuse(&[(
            action_is_volatile(&plan),
            "MERGE with a condition that changes from row to row, such as random(),",
        )])?;
        Ok(PlannedChange { changed, state, plan, actions, repeated: Repeated::Fail })
    }

    /// The source with its name and its columns.
    async fn source_of(&self, factor: TableFactor) -> Result<Source> {
        let alias = match &factor {
            TableFactor::Table { alias: Some(alias), .. }
            | TableFactor::Derived { alias: Some(alias), .. }
            | TableFactor::NestedJoin { alias: Some(alias), .. } => alias.name.value.clone(),
            TableFactor::Table { name, .. } => crate::engine::resolve::parts(name)?.pop().unwrap_or_default(),
            _ => "source".to_owned(),
        };
        let everything = query(
            vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())],
            vec![super::syntax::alone(factor.clone())],
            None,
        );
        let plan = self.clone_without_limit().plan(everything, &self.state()).await?;
        let columns = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok(Source { factor, alias, columns })
    }
}

impl Changed {
    /// What an action does, and the values that it gives the table's columns.
    fn effect(&self, action: MergeAction, source: &Source) -> Result<(Option<Action>, Vec<Expr>)> {
        Ok(match action {
            MergeAction::Nothing => (None, Vec::new()),
            MergeAction::Delete => (Some(Action::Delete), Vec::new()),
            MergeAction::Update(assignments) => (Some(Action::Update), self.values(assigned(assignments)?, true)?),
            MergeAction::UpdateAll(by) => (Some(Action::Update), self.values(self.whole_row(by, source)?, true)?),
            MergeAction::InsertAll(by) => (Some(Action::Insert), self.values(self.whole_row(by, source)?, false)?),
            MergeAction::Insert(columns, values) => {
                let names: Vec<String> = if columns.is_empty() {
                    self.snapshot.read_schema.fields().iter().map(|field| field.name().clone()).collect()
                } else {
                    columns.into_iter().map(|column| column.value).collect()
                };
                if names.len() != values.len() {
                    return Err(Error::invalid(format!(
                        "Binder Error: INSERT of MERGE names {} columns and gives {} values",
                        names.len(),
                        values.len()
                    )));
                }
                (Some(Action::Insert), self.values(names.into_iter().zip(values).collect(), false)?)
            }
        })
    }

    /// A value for every column of the table: the one that is given, else what the row has (`keep`), else NULL.
    fn values(&self, mut given: Vec<(String, Expr)>, keep: bool) -> Result<Vec<Expr>> {
        let mut values = Vec::new();
        for field in self.snapshot.read_schema.fields() {
            let position = given.iter().position(|(name, _)| name_key(name) == name_key(field.name()));
            values.push(match position {
                Some(position) => typed(given.swap_remove(position).1, field),
                None if keep => column(&self.alias, field.name()),
                None => null(),
            });
        }
        match given.first() {
            Some((name, _)) => Err(self.no_column(name)),
            None => Ok(values),
        }
    }

    /// The columns of the table that a whole row of the source sets.
    fn whole_row(&self, by: ByWhat, source: &Source) -> Result<Vec<(String, Expr)>> {
        let fields = self.snapshot.read_schema.fields();
        if by == ByWhat::Position && fields.len() != source.columns.len() {
            return Err(Error::invalid(format!(
                "Binder Error: the table \"{}\" has {} columns, the source of MERGE {}; name them, or use BY NAME",
                self.target.table,
                fields.len(),
                source.columns.len()
            )));
        }
        let names = source.columns.iter().enumerate().map(|(position, name)| match by {
            ByWhat::Name => (name.clone(), column(&source.alias, name)),
            ByWhat::Position => (fields[position].name().clone(), column(&source.alias, name)),
        });
        Ok(names.collect())
    }

    /// The columns of the query, and what the numbers of its actions mean.
    fn merged_items(&self, branches: &[Branch]) -> Result<(Vec<SelectItem>, Vec<Action>)> {
        // A clause that does nothing is never asked for its meaning: its action is NULL.
        let actions = branches.iter().map(|branch| branch.action.unwrap_or(Action::Delete)).collect();
        let mut items = places(&self.alias, action_of(branches));
        if branches.iter().all(|branch| branch.values.is_empty()) {
            return Ok((items, actions));
        }
        for (position, field) in self.snapshot.read_schema.fields().iter().enumerate() {
            let value = |branch: &Branch| branch.values.get(position).cloned().unwrap_or_else(null);
            let cases = branches.iter().map(|branch| (branch.condition.clone(), value(branch))).collect();
            items.push(item(case(cases), field.name()));
        }
        Ok((items, actions))
    }
}

/// The number of the clause that holds for a row; NULL where none does, and for clauses that do nothing.
fn action_of(branches: &[Branch]) -> Expr {
    let numbered = branches.iter().enumerate().map(|(position, branch)| {
        (branch.condition.clone(), if branch.action.is_some() { number(position) } else { null() })
    });
    case(numbered.collect())
}

/// When a clause is for a row of the join.
fn holds(when: MergeWhen, table: &str, source: &str) -> Expr {
    let there = |table: &str, name: &str| Box::new(column(table, name));
    match when {
        MergeWhen::Matched => and(Expr::IsNotNull(there(table, ROW)), Expr::IsNotNull(there(source, PRESENT))),
        MergeWhen::NotMatched => Expr::IsNull(there(table, ROW)),
        MergeWhen::NotMatchedBySource => Expr::IsNull(there(source, PRESENT)),
    }
}

/// The join of the source with the table that has the rows which the clauses are for.
fn joined(table: &str, source: &Source, on: Expr, whens: &[MergeWhen]) -> TableWithJoins {
    let constraint = JoinConstraint::On(on);
    let (inserts, absents) = (whens.contains(&MergeWhen::NotMatched), whens.contains(&MergeWhen::NotMatchedBySource));
    let join_operator = match (inserts, absents) {
        (false, false) => JoinOperator::Inner(constraint),
        (true, false) => JoinOperator::LeftOuter(constraint),
        (false, true) => JoinOperator::RightOuter(constraint),
        (true, true) => JoinOperator::FullOuter(constraint),
    };
    TableWithJoins {
        relation: present(source),
        joins: vec![Join { relation: target(table), global: false, join_operator }],
    }
}

/// The source with a column that is never NULL in it.
fn present(source: &Source) -> TableFactor {
    let mut outer = parsed("SELECT 1 FROM (SELECT 1) AS s");
    let mut factor = select_of(&mut outer).from.remove(0).relation;
    let everything = SelectItem::Wildcard(WildcardAdditionalOptions::default());
    let there = item(Expr::value(Value::Boolean(true)), PRESENT);
    let inner = query(vec![everything, there], vec![super::syntax::alone(source.factor.clone())], None);
    if let TableFactor::Derived { subquery, alias, .. } = &mut factor {
        **subquery = inner;
        *alias = Some(named(&source.alias));
    }
    factor
}

fn same_columns(columns: &[Ident], table: &str, source: &str) -> Result<Expr> {
    let pairs = columns.iter().map(|name| equal(column(table, &name.value), column(source, &name.value)));
    pairs.reduce(and).ok_or_else(|| Error::invalid("Parser Error: USING of MERGE names no column"))
}

/// The value with the type of its column, so that the values of several clauses have one. Nested types are left to the
/// planner.
fn typed(value: Expr, field: &Field) -> Expr {
    let nested = matches!(field.data_type(), DataType::List(_) | DataType::Struct(_) | DataType::Map(..));
    if nested {
        return value;
    }
    let mut template = parsed(&format!("SELECT CAST(1 AS {})", sql_type(field.data_type())));
    match select_of(&mut template).projection.pop() {
        Some(SelectItem::UnnamedExpr(Expr::Cast { data_type, .. })) => {
            Expr::Cast { kind: CastKind::Cast, expr: Box::new(value), data_type, array: false, format: None }
        }
        _ => value,
    }
}

fn action_is_volatile(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => projection.expr.get(2).is_some_and(|action| action.is_volatile()),
        _ => false,
    }
}
