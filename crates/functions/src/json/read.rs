//! What is in a JSON value.

use arrow::array::{ArrayRef, AsArray, StringViewArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::Result;

use super::node::Node;
use super::parse::parse;
use super::path::Path;
use super::write::{write, written};
use crate::scalar::{Call, Form, Function, Gives, Kind, form, function, list_of};

const JSON: &[Kind] = &[Kind::Text];
const WITH_PATH: &[Kind] = &[Kind::Text, Kind::Text];

const TEXTS: Gives = Gives::With(|_| Ok(list_of(DataType::Utf8View)));

const EXTRACT: &[Form] = &[
    form(WITH_PATH, Gives::Text, |call| extract(call, Shown::Json)),
    form(&[Kind::Text, Kind::Int], Gives::Text, |call| extract(call, Shown::Json)),
    form(&[Kind::Text, Kind::Texts], TEXTS, |call| extract_all(call, Shown::Json)),
];

const EXTRACT_TEXT: &[Form] = &[
    form(WITH_PATH, Gives::Text, |call| extract(call, Shown::Text)),
    form(&[Kind::Text, Kind::Int], Gives::Text, |call| extract(call, Shown::Text)),
    form(&[Kind::Text, Kind::Texts], TEXTS, |call| extract_all(call, Shown::Text)),
];

pub const FUNCTIONS: &[Function] = &[
    function(&["json_extract", "json_extract_path"], EXTRACT),
    function(&["json_extract_string", "json_extract_path_text"], EXTRACT_TEXT),
    // With a `*` in the path, written out; the planner puts them in the place of json_extract.
    function(&["json_extract_many"], &[form(WITH_PATH, TEXTS, |call| many(call, Shown::Json))]),
    function(&["json_extract_string_many"], &[form(WITH_PATH, TEXTS, |call| many(call, Shown::Text))]),
    function(&["json_value"], &[form(WITH_PATH, Gives::Text, |call| extract(call, Shown::Scalar))]),
    function(
        &["json_exists"],
        &[form(WITH_PATH, Gives::Bool, |call| {
            let mut paths = paths(call);
            call.bools(|row| Ok(Some(target(call, &mut paths, row, |_| Some(()))?.is_some())))
        })],
    ),
    function(&["json_array_length"], &[form(WITH_PATH, Gives::With(|_| Ok(DataType::UInt64)), length).optional(1)]),
    function(&["json_keys"], &[form(WITH_PATH, Gives::Texts, keys).optional(1)]),
    function(&["json_type"], &[form(WITH_PATH, Gives::Text, kind).optional(1)]),
    function(
        &["json_valid"],
        &[form(JSON, Gives::Bool, |call| call.bools(|row| Ok(Some(parse(call.text(0).value(row)).is_ok()))))],
    ),
    function(
        &["json_contains"],
        &[form(WITH_PATH, Gives::Bool, |call| {
            call.bools(|row| Ok(Some(root(call, 0, row)?.contains(&root(call, 1, row)?))))
        })],
    ),
    function(
        &["json", "json_parsed"],
        &[form(JSON, Gives::Text, |call| call.texts(|row| Ok(Some(written(&root(call, 0, row)?)))))],
    ),
    function(
        &["json_checked"],
        &[form(JSON, Gives::Text, |call| {
            call.texts(|row| {
                root(call, 0, row)?;
                Ok(Some(call.text(0).value(row)))
            })
        })],
    ),
    function(
        &["json_merge_patch"],
        &[form(WITH_PATH, Gives::Text, |call| {
            call.texts(|row| Ok(Some(written(&root(call, 0, row)?.merged(root(call, 1, row)?)))))
        })],
    ),
    function(
        &["json_structure"],
        &[form(JSON, Gives::Text, |call| call.texts(|row| Ok(Some(written(&structure(&root(call, 0, row)?))))))],
    ),
    function(
        &["json_pretty"],
        &[form(JSON, Gives::Text, |call| {
            call.texts(|row| {
                let mut text = String::new();
                pretty(&root(call, 0, row)?, 0, &mut text);
                Ok(Some(text))
            })
        })],
    ),
];

/// How a value that was found is shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    /// As JSON.
    Json,
    /// A text without its quotes, `null` as NULL.
    Text,
    /// As JSON, and nothing but texts, numbers and truth values.
    Scalar,
}

impl Shown {
    fn of(self, node: &Node) -> Option<String> {
        match (self, node) {
            (Self::Text, Node::Text(text)) => Some(text.to_string()),
            (Self::Text, Node::Null) => None,
            (Self::Scalar, Node::Array(_) | Node::Object(_)) => None,
            _ => Some(written(node)),
        }
    }
}

fn parsed(text: &str) -> Result<Node<'_>> {
    parse(text).map_err(|at| {
        let near: String = text[..].chars().take(60).collect();
        exec_datafusion_err!("malformed JSON at byte {at} of {near:?}")
    })
}

fn root<'a>(call: &'a Call, position: usize, row: usize) -> Result<Node<'a>> {
    parsed(call.text(position).value(row))
}

/// The paths of a call; most calls have the same in each row.
struct Paths<'a> {
    column: &'a ArrayRef,
    last: Option<(String, Path)>,
}

impl<'a> Paths<'a> {
    fn of(column: &'a ArrayRef) -> Self {
        Self { column, last: None }
    }

    fn at(&mut self, row: usize) -> Result<Path> {
        if let Some(numbers) = self.column.as_primitive_opt::<Int64Type>() {
            return Ok(Path::item(numbers.value(row)));
        }
        self.named(self.column.as_string_view().value(row))
    }

    fn named(&mut self, text: &str) -> Result<Path> {
        if let Some((known, path)) = &self.last
            && known == text
        {
            return Ok(path.clone());
        }
        let path = Path::parse(text).map_err(|message| exec_datafusion_err!("{message}"))?;
        self.last = Some((text.to_owned(), path.clone()));
        Ok(path)
    }
}

fn extract(call: &Call, shown: Shown) -> Result<ArrayRef> {
    let mut paths = Paths::of(&call.args[1]);
    call.texts(|row| {
        let path = paths.at(row)?;
        if path.is_many() {
            return exec_err!("a path with * in it must be written out as a text");
        }
        let root = root(call, 0, row)?;
        Ok(path.find(&root).first().and_then(|node| shown.of(node)))
    })
}

fn many(call: &Call, shown: Shown) -> Result<ArrayRef> {
    let mut paths = Paths::of(&call.args[1]);
    call.text_lists(|row| {
        let root = root(call, 0, row)?;
        Ok(Some(paths.at(row)?.find(&root).into_iter().filter_map(|node| shown.of(node)).collect()))
    })
}

fn extract_all(call: &Call, shown: Shown) -> Result<ArrayRef> {
    let mut items: Vec<Option<String>> = Vec::new();
    let lists = call.lists(|row| {
        let root = root(call, 0, row)?;
        let wanted = call.list(1).value(row);
        let before = items.len();
        for path in wanted.as_string_view() {
            let path = Path::parse(path.unwrap_or_default()).map_err(|message| exec_datafusion_err!("{message}"))?;
            items.push(path.find(&root).first().and_then(|node| shown.of(node)));
        }
        Ok(Some(items.len() - before))
    })?;
    lists.of(std::sync::Arc::new(StringViewArray::from_iter(items)), call.gives)
}

/// The value that a call is about: the one at its path, or the whole.
fn target<T>(
    call: &Call,
    paths: &mut Option<Paths>,
    row: usize,
    of: impl FnOnce(&Node) -> Option<T>,
) -> Result<Option<T>> {
    let root = root(call, 0, row)?;
    match paths {
        None => Ok(of(&root)),
        Some(paths) => Ok(paths.at(row)?.find(&root).first().and_then(|node| of(node))),
    }
}

fn paths<'a>(call: &'a Call) -> Option<Paths<'a>> {
    call.args.get(1).map(Paths::of)
}

fn length(call: &Call) -> Result<ArrayRef> {
    let mut paths = paths(call);
    let count = |node: &Node| Some(if let Node::Array(items) = node { items.len() as i64 } else { 0 });
    call.primitives::<Int64Type>(|row| target(call, &mut paths, row, count))
}

fn keys(call: &Call) -> Result<ArrayRef> {
    let mut paths = paths(call);
    let keys = |node: &Node| match node {
        Node::Object(members) => Some(members.iter().map(|(key, _)| key.to_string()).collect()),
        _ => Some(Vec::new()),
    };
    call.text_lists(|row| target(call, &mut paths, row, keys))
}

fn kind(call: &Call) -> Result<ArrayRef> {
    let mut paths = paths(call);
    call.texts(|row| target(call, &mut paths, row, |node| Some(node.kind())))
}

/// The same value with the types of its parts in their place; the items of an array have one type.
fn structure<'a>(node: &Node<'a>) -> Node<'a> {
    match node {
        Node::Array(items) => {
            let types = items.iter().map(structure);
            Node::Array(vec![types.reduce(alike).unwrap_or(Node::Text("NULL".into()))])
        }
        Node::Object(members) => {
            Node::Object(members.iter().map(|(key, value)| (key.clone(), structure(value))).collect())
        }
        scalar => Node::Text(scalar.kind().into()),
    }
}

fn alike<'a>(left: Node<'a>, right: Node<'a>) -> Node<'a> {
    match (left, right) {
        (left, right) if left == right => left,
        (Node::Text(null), other) | (other, Node::Text(null)) if null == "NULL" => other,
        (Node::Object(left), Node::Object(right)) => {
            let mut members = left;
            for (key, value) in right {
                match members.iter().position(|(name, _)| *name == key) {
                    Some(position) => {
                        let before = std::mem::replace(&mut members[position].1, Node::Null);
                        members[position].1 = alike(before, value);
                    }
                    None => members.push((key, value)),
                }
            }
            Node::Object(members)
        }
        (Node::Array(mut left), Node::Array(mut right)) => match (left.pop(), right.pop()) {
            (Some(left), Some(right)) => Node::Array(vec![alike(left, right)]),
            (left, right) => Node::Array(left.or(right).into_iter().collect()),
        },
        (Node::Text(left), Node::Text(right)) => {
            let both = [left.as_ref(), right.as_ref()];
            let number = |kind: &&str| matches!(*kind, "UBIGINT" | "BIGINT" | "DOUBLE");
            Node::Text(match both.iter().all(number) {
                true if both.contains(&"DOUBLE") => "DOUBLE".into(),
                true => "BIGINT".into(),
                false => "VARCHAR".into(),
            })
        }
        _ => Node::Text("JSON".into()),
    }
}

fn pretty(node: &Node, depth: usize, text: &mut String) {
    let indent = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"    ".repeat(depth));
    };
    match node {
        Node::Array(items) if !items.is_empty() => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                text.push_str(if position > 0 { "," } else { "" });
                indent(text, depth + 1);
                pretty(item, depth + 1, text);
            }
            indent(text, depth);
            text.push(']');
        }
        Node::Object(members) if !members.is_empty() => {
            text.push('{');
            for (position, (key, value)) in members.iter().enumerate() {
                text.push_str(if position > 0 { "," } else { "" });
                indent(text, depth + 1);
                super::write::write_text(key, text);
                text.push_str(": ");
                pretty(value, depth + 1, text);
            }
            indent(text, depth);
            text.push('}');
        }
        other => write(other, text),
    }
}
