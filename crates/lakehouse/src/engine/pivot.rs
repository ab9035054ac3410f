//! PIVOT and UNPIVOT, as the grouping and the lists that they stand for.

use std::ops::ControlFlow;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::execution::session_state::SessionState;
use model::{Error, Result, name_key};
use sqlparser::ast::{
    Expr, ExprWithAlias, FunctionArg, FunctionArgExpr, FunctionArguments, NullInclusion, PivotValueSource, Query,
    SetExpr, Statement, TableFactor, Visit, Visitor,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Word};

use super::context::Context;
use super::parse;

/// Columns that one PIVOT makes, at most.
const COLUMNS: usize = 1000;

/// `PIVOT t ON …` and `UNPIVOT t ON …` where a statement begins.
pub fn statement(parser: &mut Parser) -> Option<std::result::Result<Statement, ParserError>> {
    let is = |token: &Token, wanted: &str| matches!(token, Token::Word(Word { value, quote_style: None, .. }) if value.eq_ignore_ascii_case(wanted));
    let first = parser.peek_token_ref().token.clone();
    let factor = if is(&first, "PIVOT") {
        pivot(parser)
    } else if is(&first, "UNPIVOT") {
        unpivot(parser)
    } else {
        return None;
    };
    Some(factor.and_then(|factor| {
        let order = rest(parser)?;
        let text = format!("SELECT * FROM placeholder{order}");
        let Ok(Some(Statement::Query(mut query))) = parse::statements(&text).map(|mut parsed| parsed.pop()) else {
            return Err(ParserError::ParserError(format!("what follows the PIVOT is not understood:{order}")));
        };
        if let SetExpr::Select(select) = query.body.as_mut() {
            select.from[0].relation = factor;
        }
        Ok(Statement::Query(query))
    }))
}

/// ORDER BY and LIMIT after it.
fn rest(parser: &mut Parser) -> std::result::Result<String, ParserError> {
    let mut text = String::new();
    while !matches!(parser.peek_token_ref().token, Token::EOF | Token::SemiColon) {
        text.push(' ');
        text.push_str(&parser.next_token().token.to_string());
    }
    Ok(text)
}

fn aliased(parser: &mut Parser) -> std::result::Result<ExprWithAlias, ParserError> {
    let expr = parser.parse_expr()?;
    let alias = if parser.parse_keyword(Keyword::AS) { Some(parser.parse_identifier()?) } else { None };
    Ok(ExprWithAlias { expr, alias })
}

fn pivot(parser: &mut Parser) -> std::result::Result<TableFactor, ParserError> {
    parser.next_token();
    let table = Box::new(parser.parse_table_factor()?);
    parser.expect_keyword(Keyword::ON)?;
    let (value_column, value_source) = match parser.parse_expr()? {
        Expr::InList { expr, list, negated: false } => {
            let values = list.into_iter().map(|expr| ExprWithAlias { expr, alias: None }).collect();
            (vec![*expr], PivotValueSource::List(values))
        }
        on => (vec![on], PivotValueSource::Any(Vec::new())),
    };
    parser.expect_keyword(Keyword::USING)?;
    let aggregate_functions = parser.parse_comma_separated(aliased)?;
    let groups = if parser.parse_keywords(&[Keyword::GROUP, Keyword::BY]) {
        Some(Expr::Tuple(parser.parse_comma_separated(Parser::parse_expr)?))
    } else {
        None
    };
    // The syntax tree has no place for GROUP BY in a PIVOT; where DuckDB has none for a default it finds one.
    Ok(TableFactor::Pivot {
        table,
        aggregate_functions,
        value_column,
        value_source,
        default_on_null: groups,
        alias: None,
    })
}

fn unpivot(parser: &mut Parser) -> std::result::Result<TableFactor, ParserError> {
    parser.next_token();
    let table = Box::new(parser.parse_table_factor()?);
    let null_inclusion = if parser.parse_keywords(&[Keyword::INCLUDE, Keyword::NULLS]) {
        Some(NullInclusion::IncludeNulls)
    } else {
        None
    };
    parser.expect_keyword(Keyword::ON)?;
    let columns = parser.parse_comma_separated(aliased)?;
    parser.expect_keyword(Keyword::INTO)?;
    parser.expect_keyword(Keyword::NAME)?;
    let name = parser.parse_identifier()?;
    parser.expect_keyword(Keyword::VALUE)?;
    let value = Expr::Identifier(parser.parse_identifier()?);
    Ok(TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias: None })
}

impl Context {
    /// The query with the PIVOT or UNPIVOT of its FROM written out.
    pub async fn unpivoted(&self, mut query: Query, state: &SessionState) -> Result<Query> {
        let with = query.with.clone();
        let SetExpr::Select(select) = query.body.as_mut() else { return Ok(query) };
        let [only] = select.from.as_mut_slice() else { return Ok(query) };
        let (text, alias) = match &only.relation {
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } => {
                let known = self.names_of(table, with.as_ref(), state).await?;
                let [on] = value_column.as_slice() else {
                    return Err(Error::unsupported(
                        "Not implemented Error: PIVOT takes one column; join several to one text: a || '_' || b",
                    ));
                };
                let values = match value_source {
                    PivotValueSource::List(values) => {
                        values.iter().map(|value| (value.expr.to_string(), name_of(value))).collect()
                    }
                    _ => self.values_of(table, on, with.as_ref()).await?,
                };
                let groups = match default_on_null {
                    Some(Expr::Tuple(groups)) => groups.iter().map(ToString::to_string).collect(),
                    _ => others(&known, aggregate_functions.iter().map(|function| &function.expr).chain([on])),
                };
                (pivot_text(table, on, &values, aggregate_functions, &groups), alias.clone())
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } => {
                let known = self.names_of(table, with.as_ref(), state).await?;
                let columns = unpivoted_columns(columns, &known);
                (unpivot_text(table, value, &name.value, &columns, &known, null_inclusion.as_ref()), alias.clone())
            }
            _ => return Ok(query),
        };
        let Some(Statement::Query(subquery)) = parse::statements(&text)?.pop() else { return Ok(query) };
        only.relation = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
        Ok(query)
    }

    async fn names_of(
        &self,
        table: &TableFactor,
        with: Option<&sqlparser::ast::With>,
        state: &SessionState,
    ) -> Result<Vec<String>> {
        let query = select_from(&format!("SELECT * FROM {table}"), with)?;
        let plan = Box::pin(self.plan(query, state)).await?;
        Ok(plan.schema().fields().iter().map(|field| field.name().clone()).collect())
    }

    /// The values of a column, each as a literal and as the name of a column.
    async fn values_of(
        &self,
        table: &TableFactor,
        on: &Expr,
        with: Option<&sqlparser::ast::With>,
    ) -> Result<Vec<(String, String)>> {
        let text = format!(
            "SELECT v::VARCHAR AS v FROM (SELECT DISTINCT {on} AS v FROM {table} WHERE ({on}) IS NOT NULL ORDER BY v LIMIT {})",
            COLUMNS + 1
        );
        let query = select_from(&text, with)?;
        let batches = Box::pin(self.clone_without_limit().query(query)).await?.collect().await?;
        let mut values = Vec::new();
        for batch in batches {
            let column = cast(batch.column(0), &DataType::Utf8).map_err(crate::fault::from_arrow)?;
            values.extend(
                column
                    .as_string::<i32>()
                    .iter()
                    .flatten()
                    .map(|value| (format!("'{}'", value.replace('\'', "''")), value.to_owned())),
            );
        }
        if values.len() > COLUMNS {
            return Err(Error::invalid(format!(
                "Binder Error: PIVOT ON {on} would make more than {COLUMNS} columns; name the values: ON {on} IN (…)"
            )));
        }
        Ok(values)
    }
}

fn select_from(text: &str, with: Option<&sqlparser::ast::With>) -> Result<Query> {
    match parse::statements(text)?.pop() {
        Some(Statement::Query(mut query)) => {
            query.with = with.cloned();
            Ok(*query)
        }
        _ => Err(Error::invalid(format!("Parser Error: {text} is not a query"))),
    }
}

fn name_of(value: &ExprWithAlias) -> String {
    value
        .alias
        .as_ref()
        .map_or_else(|| value.expr.to_string().trim_matches('\'').to_owned(), |alias| alias.value.clone())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn pivot_text(
    table: &TableFactor,
    on: &Expr,
    values: &[(String, String)],
    functions: &[ExprWithAlias],
    groups: &[String],
) -> String {
    let mut columns: Vec<String> = groups.to_vec();
    for (value, name) in values {
        for function in functions {
            let name = match &function.alias {
                Some(alias) => format!("{name}_{}", alias.value),
                None if functions.len() > 1 => format!("{name}_{}", function.expr),
                None => name.clone(),
            };
            columns.push(format!(
                "{} FILTER (WHERE ({on})::VARCHAR = ({value})::VARCHAR) AS {}",
                function.expr,
                quoted(&name)
            ));
        }
    }
    let by = if groups.is_empty() { String::new() } else { format!(" GROUP BY {}", groups.join(", ")) };
    format!("SELECT {} FROM {table}{by}", columns.join(", "))
}

/// The columns of a table that no expression names.
fn others<'a>(known: &[String], used: impl Iterator<Item = &'a Expr>) -> Vec<String> {
    struct Names(Vec<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Identifier(ident) => self.0.push(name_key(&ident.value)),
                Expr::CompoundIdentifier(idents) => self.0.extend(idents.last().map(|ident| name_key(&ident.value))),
                _ => {}
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(Vec::new());
    for expr in used {
        let _ = Visit::visit(expr, &mut names);
    }
    known.iter().filter(|name| !names.0.contains(&name_key(name))).map(|name| quoted(name)).collect()
}

/// The columns to turn, each with the name that its rows get; `COLUMNS(* EXCLUDE (…))` means all others.
fn unpivoted_columns(columns: &[ExprWithAlias], known: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for column in columns {
        match &column.expr {
            Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("columns") => {
                let excluded = match &function.args {
                    FunctionArguments::List(list) => match list.args.as_slice() {
                        [FunctionArg::Unnamed(FunctionArgExpr::WildcardWithOptions(options))] => {
                            super::columns::excluded(options)
                        }
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                };
                let kept = known.iter().filter(|name| !excluded.contains(&name_key(name)));
                found.extend(kept.map(|name| (quoted(name), name.clone())));
            }
            expr => {
                let name = column
                    .alias
                    .as_ref()
                    .map_or_else(|| expr.to_string().trim_matches('"').to_owned(), |alias| alias.value.clone());
                found.push((expr.to_string(), name));
            }
        }
    }
    found
}

fn unpivot_text(
    table: &TableFactor,
    value: &Expr,
    name: &str,
    columns: &[(String, String)],
    known: &[String],
    nulls: Option<&NullInclusion>,
) -> String {
    let turned: Vec<String> = columns.iter().map(|(column, _)| name_key(column.trim_matches('"'))).collect();
    let mut kept: Vec<String> =
        known.iter().filter(|name| !turned.contains(&name_key(name))).map(|name| quoted(name)).collect();
    let names: Vec<String> = columns.iter().map(|(_, name)| format!("'{}'", name.replace('\'', "''"))).collect();
    let values: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
    kept.push(format!("unnest([{}]) AS {}", names.join(", "), quoted(name)));
    kept.push(format!("unnest([{}]) AS {value}", values.join(", ")));
    let text = format!("SELECT {} FROM {table}", kept.join(", "));
    match nulls {
        Some(NullInclusion::IncludeNulls) => text,
        _ => format!("SELECT * FROM ({text}) WHERE {value} IS NOT NULL"),
    }
}
