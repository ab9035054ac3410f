//! The order that a table's rows are kept in: its own, or that of its key.

use arrow::datatypes::Schema;
use deltalake_core::kernel::Metadata;
use model::name_key;

/// The setting that names the columns of a table's order, as a JSON array.
pub const ORDER: &str = "boathouse.orderBy";

/// The setting that names the columns of a table's key, written by upserts.
const KEY: &str = "boathouse.key";

/// The columns that rows are sorted by, as the schema spells them; none for a table without order. Columns that are no
/// longer there end the order: those after them sort nothing by themselves.
pub fn order_of(metadata: &Metadata, schema: &Schema) -> Vec<String> {
    let setting = |key: &str| metadata.configuration().get(key).and_then(|text| columns(text));
    let wanted = setting(ORDER).or_else(|| setting(KEY)).unwrap_or_default();
    let spelled = |name: &String| schema.fields().iter().find(|field| name_key(field.name()) == name_key(name));
    wanted.iter().map_while(|name| spelled(name).map(|field| field.name().clone())).collect()
}

/// A JSON array of names, or names parted by commas.
fn columns(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = match serde_json::from_str(text) {
        Ok(names) => names,
        Err(_) => text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
    };
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_list_are_read() {
        let both = Some(vec!["a".to_owned(), "b c".to_owned()]);
        assert_eq!(columns(r#"["a","b c"]"#), both);
        assert_eq!(columns("a, b c"), both);
        assert_eq!(columns("[]"), None);
        assert_eq!(columns(""), None);
    }
}
