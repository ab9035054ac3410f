//! Small JSON bodies that are in memory already: one object, or an array of objects, for a table that grows with them.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use model::{Error, Result, check_name, name_key};
use serde::de::IgnoredAny;

use super::fault::{Fault, Stop, shown};
use super::fill::fill_known;
use super::node::Object;
use super::reader::{Malformed, Reader, Token, compact};
use super::shape::{MAX_COLUMNS, Shape, add_object};
use crate::input::readable;

/// Why a body is not rows of the table. The text names row, column and value, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is not JSON, or neither an object nor an array of objects.
    Body(String),
    /// It is not rows of any table, or a value is missing that must be there.
    Data(String),
    /// It does not go together with the columns of the table.
    Schema(String),
}

impl Unfit {
    /// The text.
    pub fn message(&self) -> &str {
        match self {
            Self::Body(message) | Self::Data(message) | Self::Schema(message) => message,
        }
    }
}

/// What a body brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many rows.
    pub rows: usize,
    /// Columns that the table does not have. A key whose values are all null brings none: nothing tells its type.
    pub added: Vec<Field>,
}

/// Reads bodies with the types of a table's columns, by the rules of every other JSON body.
pub struct JsonRecords {
    columns: SchemaRef,
    root: Object,
}

/// Why reading a body ended before its end.
enum Ended {
    Unfit(Unfit),
    /// There are keys with values that no column has.
    UnknownKeys,
}

impl JsonRecords {
    /// A reader for a table of these columns; of none where the table is yet to be made.
    pub fn new(columns: SchemaRef) -> Self {
        Self { root: root(&columns), columns }
    }

    /// The columns of the table, with those that were added.
    pub fn columns(&self) -> &SchemaRef {
        &self.columns
    }

    /// Adds columns at the end; those whose name is there already are left out.
    pub fn add(&mut self, added: &[Field]) {
        let new = added.iter().filter(|field| self.root.position(field.name().as_bytes(), 0).is_none()).cloned();
        let fields: Vec<_> = self.columns.fields().iter().map(|field| field.as_ref().clone()).chain(new).collect();
        self.columns = Arc::new(Schema::new(fields));
        self.root = root(&self.columns);
    }

    /// Checks that a body can be read, adds the columns that it brings, and keeps no rows of it. After an error nothing
    /// was added.
    ///
    /// # Errors
    /// For the first thing in the body that is not right.
    pub fn check(&mut self, body: &[u8]) -> Result<Checked, Unfit> {
        let outcome = self.checked(body);
        if outcome.is_err() {
            self.root = root(&self.columns);
        }
        outcome
    }

    fn checked(&mut self, body: &[u8]) -> Result<Checked, Unfit> {
        let added = match self.fill(body) {
            Ok(_) => Vec::new(),
            Err(Ended::Unfit(unfit)) => return Err(unfit),
            Err(Ended::UnknownKeys) => {
                let added = self.new_columns(body)?;
                let mut widened = Self::new(self.columns.clone());
                widened.add(&added);
                widened.whole(body)?;
                *self = widened;
                return Ok(Checked { rows: self.end_check()?, added });
            }
        };
        Ok(Checked { rows: self.end_check()?, added })
    }

    /// Reads a body into the batch that [`JsonRecords::batch`] gives. Columns that it would bring are not added here, since
    /// all rows of a batch have the same.
    ///
    /// # Errors
    /// As [`JsonRecords::check`]; the rows that were read before are lost with it.
    pub fn read(&mut self, body: &[u8]) -> Result<Read, Unfit> {
        match self.fill(body) {
            Ok(_) => Ok(Read::Rows),
            Err(Ended::Unfit(unfit)) => Err(unfit),
            Err(Ended::UnknownKeys) => self.new_columns(body).map(Read::Lacks),
        }
    }

    /// The rows that were read since the last batch.
    ///
    /// # Errors
    /// `Internal`; text is checked before it is read, so that it never happens.
    pub fn batch(&mut self) -> Result<RecordBatch> {
        let (_, columns, _) = self.root.finish().map_err(Error::internal)?.into_parts();
        let fields = self.columns.fields().iter().zip(&columns);
        let fields: Vec<_> =
            fields.map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::internal)
    }

    /// How many rows were read since the last batch.
    pub fn rows(&self) -> usize {
        self.root.len()
    }

    fn whole(&mut self, body: &[u8]) -> Result<(), Unfit> {
        match self.fill(body) {
            Ok(_) => Ok(()),
            Err(Ended::Unfit(unfit)) => Err(unfit),
            Err(Ended::UnknownKeys) => Err(Unfit::Data("the columns of the rows cannot be told".to_owned())),
        }
    }

    /// Drops the rows that were read for a check; they must have a value wherever the table wants one.
    fn end_check(&mut self) -> Result<usize, Unfit> {
        let rows = self.root.len();
        if self.columns.fields().iter().all(|field| field.is_nullable()) {
            self.root.finish().map_err(|cause| Unfit::Data(cause.to_string()))?;
            return Ok(rows);
        }
        let read = self.root.finish().map_err(|cause| Unfit::Data(cause.to_string()))?;
        for (field, column) in self.columns.fields().iter().zip(read.columns()) {
            if let Some(row) = (0..rows).find(|row| !field.is_nullable() && column.is_null(*row)) {
                let (row, name) = (row + 1, field.name());
                return Err(Unfit::Data(format!(
                    "row {row}, column {name:?}: there is no value, and the column is NOT NULL"
                )));
            }
        }
        Ok(rows)
    }

    fn fill(&mut self, body: &[u8]) -> Result<usize, Ended> {
        let mut unknown = false;
        let root = &mut self.root;
        let rows = each_record(body, |reader| {
            fill_known(root, reader, &mut |_, reader| {
                let token = reader.begin()?;
                unknown |= !matches!(token, Token::Null);
                reader.skip(&token).map_err(Stop::from)
            })
        });
        match rows {
            Ok(_) if unknown => Err(Ended::UnknownKeys),
            Ok(rows) => Ok(rows),
            Err(unfit) => Err(Ended::Unfit(unfit)),
        }
    }

    /// The columns that a body has and the table has not, with types that keep every value.
    fn new_columns(&self, body: &[u8]) -> Result<Vec<Field>, Unfit> {
        let mut shape = Shape::default();
        each_record(body, |reader| add_object(&mut shape, reader))?;
        let mut added: Vec<Field> = Vec::new();
        for (name, data_type) in shape.keys() {
            let Some(data_type) = data_type else { continue };
            if self.root.position(name.as_bytes(), 0).is_some() {
                continue;
            }
            check_name("column", name).map_err(|error| Unfit::Data(error.message().to_owned()))?;
            if let Some(other) = added.iter().find(|other| name_key(other.name()) == name_key(name)) {
                return Err(case_alone(other.name(), name));
            }
            check_nested(name, &data_type, 1)?;
            added.push(Field::new(name, data_type, true));
        }
        let count = self.columns.fields().len() + added.len();
        if count > MAX_COLUMNS {
            return Err(Unfit::Schema(format!("the table would have {count} columns; it can have {MAX_COLUMNS}")));
        }
        Ok(added)
    }
}

/// How deep the type of a column may be nested that a body brings.
const MAX_NESTING: usize = 16;

/// Checks the names inside a column as those of columns are: what is acknowledged must be storable.
fn check_nested(column: &str, data_type: &DataType, depth: usize) -> Result<(), Unfit> {
    if depth > MAX_NESTING {
        return Err(Unfit::Data(format!(
            "column {column:?}: arrays and objects stand in each other more than {MAX_NESTING} deep; send the value as text"
        )));
    }
    match data_type {
        DataType::List(item) => check_nested(column, item.data_type(), depth + 1),
        DataType::Struct(fields) => {
            for (position, field) in fields.iter().enumerate() {
                check_name("column", field.name())
                    .map_err(|error| Unfit::Data(format!("column {column:?}: {}", error.message())))?;
                let same = |other: &&FieldRef| name_key(other.name()) == name_key(field.name());
                if let Some(other) = fields[..position].iter().find(same) {
                    return Err(case_alone(other.name(), field.name()));
                }
                check_nested(column, field.data_type(), depth + 1)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn case_alone(one: &str, other: &str) -> Unfit {
    Unfit::Data(format!(
        "the keys {one:?} and {other:?} differ in letter case alone, which does not tell columns apart; rename one of them"
    ))
}

/// What came of reading a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Its rows are in the batch.
    Rows,
    /// It takes these columns first; what was read so far is spoiled, and has to be read again by a reader that has them.
    Lacks(Vec<Field>),
}

fn root(columns: &Schema) -> Object {
    let fields = columns.fields().iter();
    let fields: Vec<_> = fields.map(|field| Field::new(field.name(), readable(field.data_type()), true)).collect();
    Object::new(&fields.into())
}

/// Gives every record of a body, after its opening bracket, to `object`. Answers how many there are.
fn each_record(body: &[u8], mut object: impl FnMut(&mut Reader<'_>) -> Result<(), Stop>) -> Result<usize, Unfit> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if let Err(error) = std::str::from_utf8(text) {
        return Err(Unfit::Body(format!("byte {} is not UTF-8; send JSON in UTF-8", error.valid_up_to() + 1)));
    }
    if text.trim_ascii().is_empty() {
        return Err(Unfit::Body("the body is empty; send a JSON object or an array of objects".to_owned()));
    }
    let mut reader = Reader::new(text);
    let mut rows = 0;
    match records(&mut reader, &mut rows, &mut object) {
        Ok(()) => Ok(rows),
        Err(Stop::Malformed) => Err(malformed(text)),
        Err(Stop::Fault { fault, .. }) => Err(told(&fault, rows + 1)),
        Err(Stop::Error(error)) => Err(Unfit::Data(error.message().to_owned())),
    }
}

fn records(
    reader: &mut Reader<'_>,
    rows: &mut usize,
    object: &mut impl FnMut(&mut Reader<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut record = |reader: &mut Reader<'_>, start: usize, token: &Token| {
        if !matches!(token, Token::Object) {
            reader.skip(token)?;
            let fault = Box::new(Fault::NotObject { value: compact(reader.since(start)) });
            return Err(Stop::Fault { at: start, fault });
        }
        object(reader)
    };
    let start = reader.next_start();
    let token = reader.begin()?;
    if matches!(token, Token::Array) {
        let mut count = 0;
        while reader.next_element(&mut count)? {
            let start = reader.next_start();
            let token = reader.begin()?;
            record(reader, start, &token)?;
            *rows += 1;
        }
    } else {
        record(reader, start, &token)?;
        *rows += 1;
    }
    if reader.is_over() { Ok(()) } else { Err(Stop::from(Malformed)) }
}

/// Says what is wrong with a text that is not JSON: another parser, which keeps count of lines, reads it once more.
fn malformed(text: &[u8]) -> Unfit {
    Unfit::Body(match serde_json::from_slice::<IgnoredAny>(text) {
        Ok(_) => "malformed JSON".to_owned(),
        Err(error) => {
            let told = error.to_string();
            let reason = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
            format!("line {}, column {}: malformed JSON: {reason}", error.line(), error.column())
        }
    })
}

fn told(fault: &Fault, row: usize) -> Unfit {
    match fault {
        Fault::Misfit { keys, value, wanted } => {
            let (key, value) = (keys.join("."), shown(value));
            Unfit::Schema(format!(
                "row {row}, column {key:?}: {value} is not a {wanted}, which is the type of the table's column"
            ))
        }
        Fault::Refused { keys, wanted } => Unfit::Schema(format!(
            "row {row}, column {:?}: a value of type {wanted} cannot be read from JSON; load it from a Parquet file",
            keys.join(".")
        )),
        Fault::UnknownKey { keys, value } => Unfit::Schema(format!(
            "row {row}, column {:?}: the table's column has no such field for {}; only whole columns are added to a \
             table",
            keys.join("."),
            shown(value)
        )),
        Fault::RepeatedKey { keys } => {
            Unfit::Data(format!("row {row}, column {:?}: the key is twice in one object", keys.join(".")))
        }
        Fault::NotObject { value } => {
            Unfit::Body(format!("row {row}: {} is not a JSON object with a key for each column", shown(value)))
        }
    }
}

#[cfg(test)]
mod tests;
