//! `j -> 'a'`, which the parser takes for a lambda.

use sqlparser::ast::{BinaryOperator, Expr, OneOrManyWithParens};

use super::expressions::binary;

/// `j -> 'a'` is read as a lambda by the parser; where no function takes lambdas it is an access to JSON. What follows in
/// the chain belongs around the access: `j -> 'a' ->> 'b'`.
pub fn access(lambda: Expr) -> Expr {
    let Expr::Lambda(lambda) = lambda else { return lambda };
    let parameter = match &lambda.params {
        OneOrManyWithParens::One(parameter) if parameter.data_type.is_none() => parameter,
        _ => return Expr::Lambda(lambda),
    };
    let column = Expr::Identifier(parameter.name.clone());
    into_leftmost(*lambda.body, &|body| binary(column.clone(), BinaryOperator::Arrow, body))
}

fn into_leftmost(expr: Expr, of: &dyn Fn(Expr) -> Expr) -> Expr {
    match expr {
        Expr::BinaryOp { left, op, right } => Expr::BinaryOp { left: Box::new(into_leftmost(*left, of)), op, right },
        Expr::IsNull(inner) => Expr::IsNull(Box::new(into_leftmost(*inner, of))),
        Expr::IsNotNull(inner) => Expr::IsNotNull(Box::new(into_leftmost(*inner, of))),
        Expr::InList { expr, list, negated } => {
            Expr::InList { expr: Box::new(into_leftmost(*expr, of)), list, negated }
        }
        Expr::Like { negated, any, expr, pattern, escape_char } => {
            Expr::Like { negated, any, expr: Box::new(into_leftmost(*expr, of)), pattern, escape_char }
        }
        other => of(other),
    }
}
