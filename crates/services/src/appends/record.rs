//! An append as the journal keeps it: JSON about it, then the body as it came.

use std::sync::Arc;

use arrow_schema::{DataType, Field, TimeUnit};
use model::{Error, Result, TableName};
use serde::{Deserialize, Serialize};

use super::lane::Home;

/// What the journal says of an append.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// What the database was called, for the log.
    pub(super) database: String,
    /// What its storage calls it; records of earlier versions have the name alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) stored_as: Option<String>,
    pub(super) schema: String,
    pub(super) table: String,
    /// The table that it was checked against; none where that was yet to be made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) table_id: Option<String>,
    /// Columns that it brings.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    added: Vec<(String, Type)>,
}

/// The types that columns of JSON bodies get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    Boolean,
    Integer,
    Double,
    Date,
    Timestamp,
    TimestampUtc,
    Text,
    List(Box<Type>),
    Struct(Vec<(String, Type)>),
}

impl Head {
    /// # Errors
    /// `Internal` for a column of a type that no JSON body brings.
    pub(super) fn new(home: &Home, table: &TableName, table_id: Option<&str>, added: &[Field]) -> Result<Self> {
        let added = added.iter().map(|field| Ok((field.name().clone(), Type::of(field.data_type())?)));
        Ok(Self {
            database: home.name.clone(),
            stored_as: home.stored_as.as_ref().map(ToString::to_string),
            schema: table.schema.clone(),
            table: table.table.clone(),
            table_id: table_id.map(str::to_owned),
            added: added.collect::<Result<_>>()?,
        })
    }

    /// The columns that it brings.
    pub(super) fn added(&self) -> Vec<Field> {
        self.added.iter().map(|(name, of)| Field::new(name, of.data_type(), true)).collect()
    }

    /// The record: the length of the head, the head, the body.
    pub(super) fn with_body(&self, body: &[u8]) -> Vec<u8> {
        let head = serde_json::to_vec(self).expect("text and lists of text are JSON");
        let length = u32::try_from(head.len()).expect("names and columns are bounded far below");
        let mut record = Vec::with_capacity(4 + head.len() + body.len());
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(&head);
        record.extend_from_slice(body);
        record
    }
}

/// Takes a record apart.
///
/// # Errors
/// `Internal` for one that another program wrote.
pub(super) fn parse(record: &[u8]) -> Result<(Head, &[u8])> {
    let other = || Error::internal("a record of the journal is not of a form that this version knows");
    let (length, rest) = record.split_first_chunk::<4>().ok_or_else(other)?;
    let (head, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(other)?;
    Ok((serde_json::from_slice(head).map_err(Error::internal)?, body))
}

impl Type {
    fn of(data_type: &DataType) -> Result<Self> {
        Ok(match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int64 => Self::Integer,
            DataType::Float64 => Self::Double,
            DataType::Date32 => Self::Date,
            DataType::Timestamp(TimeUnit::Microsecond, None) => Self::Timestamp,
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Self::TimestampUtc,
            DataType::Utf8 => Self::Text,
            DataType::List(item) => Self::List(Box::new(Self::of(item.data_type())?)),
            DataType::Struct(fields) => Self::Struct(
                fields
                    .iter()
                    .map(|field| Ok((field.name().clone(), Self::of(field.data_type())?)))
                    .collect::<Result<_>>()?,
            ),
            other => return Err(Error::internal(format!("a JSON body cannot bring a column of type {other}"))),
        })
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::TimestampUtc => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Text => DataType::Utf8,
            Self::List(item) => DataType::List(Arc::new(Field::new("item", item.data_type(), true))),
            Self::Struct(fields) => {
                DataType::Struct(fields.iter().map(|(name, of)| Field::new(name, of.data_type(), true)).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::Schema;
    use formats::JsonRecords;

    use super::*;

    fn table(name: &str) -> TableName {
        TableName::new("main", name).unwrap()
    }

    fn home() -> Home {
        Home { name: "lake".to_owned(), stored_as: Some(model::DatabaseId::new("lake").unwrap()) }
    }

    #[test]
    fn records_of_earlier_versions_have_the_name_alone() {
        let head = br#"{"database":"lake","schema":"main","table":"t"}"#;
        let record = [&(head.len() as u32).to_le_bytes()[..], head, b"{}"].concat();
        let (parsed, _) = parse(&record).unwrap();
        assert_eq!((parsed.database.as_str(), parsed.stored_as), ("lake", None));
    }

    #[test]
    fn every_column_that_a_body_can_bring_reads_back() {
        let body = br#"{"b":true,"i":1,"d":1.5,"day":"2026-01-02","t":"2026-01-02T03:04:05","z":"2026-01-02T03:04:05Z",
            "s":"x","big":99999999999999999999,"l":[[1]],"o":{"a":{"b":[]},"c":null},"mixed":[1,{}],"empty":{}}"#;
        let added = JsonRecords::new(Arc::new(Schema::empty())).check(body).unwrap().added;
        assert_eq!(added.len(), 12);
        let head = Head::new(&home(), &table("a \"table\""), Some("t-1"), &added).unwrap();
        let record = head.with_body(body);
        let (parsed, rest) = parse(&record).unwrap();
        assert_eq!((&parsed, rest, parsed.added()), (&head, &body[..], added));
    }

    #[test]
    fn other_records_are_refused() {
        let whole = Head::new(&home(), &table("t"), None, &[]).unwrap().with_body(b"{}");
        for length in 0..whole.len() - 2 {
            assert!(parse(&whole[..length]).is_err(), "{length}");
        }
        assert_eq!(parse(&whole).unwrap().1, b"{}");
    }
}
