//! Names of columns, parted by commas, as a parameter.

use std::borrow::Cow;

use model::{Error, Result, check_name};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseFromParameter, ParseResult, Type};

/// No control characters, and at least one that is neither a comma nor a space, in the syntax that every language's
/// regular expressions share.
const PATTERN: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f,][^\x00-\x1f\x7f-\x9f]*$";

/// Text that the document describes as a list of names. It keeps what the caller sent: [`ColumnList::names`] refuses what
/// is wrong with it in the product's own words.
pub struct ColumnList(String);

impl ColumnList {
    /// The names, without the spaces around them and without empty ones.
    ///
    /// # Errors
    /// `Invalid` where none is left or one has a control character, naming the parameter.
    pub fn names(&self, parameter: &str) -> Result<Vec<String>> {
        let names = self.0.split(',').map(|name| name.trim_matches(' '));
        // Types of parameters have an `is_empty` of their own, which says something else.
        let names = names.filter(|name| !str::is_empty(name));
        let names: Vec<String> = names.map(str::to_owned).collect();
        if names.is_empty() {
            return Err(Error::invalid(format!(
                "the query parameter `{parameter}` names no column; give it one or more, parted by commas: \
                 {parameter}=id"
            )));
        }
        for name in &names {
            check_name("column", name).map_err(|error| error.context(format!("the query parameter `{parameter}`")))?;
        }
        Ok(names)
    }
}

impl Type for ColumnList {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            min_length: Some(1),
            pattern: Some(PATTERN.to_owned()),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for ColumnList {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_blanks_dropped() {
        let names = |text: &str| ColumnList(text.to_owned()).names("primary_key");
        assert_eq!(names("id").unwrap(), ["id"]);
        assert_eq!(names(" order id , line,, ").unwrap(), ["order id", "line"]);
        for blank in ["", " ", ",", " , ,"] {
            assert!(names(blank).unwrap_err().message().contains("`primary_key` names no column"), "{blank:?}");
        }
        assert!(names("id,a\tb").is_err());
    }
}
