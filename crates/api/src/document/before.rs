//! The pass that tells readers which examples go before.

use serde_yaml::{Mapping, Value};

use super::tree::{Tree, entries, items, operations_mut};

/// Adds a paragraph to the description of each operation that has `x-after`, a list of `operation: example`.
pub fn tell(document: &mut Tree) {
    for operation in operations_mut(document).into_iter().filter_map(Value::as_mapping_mut) {
        if let Some(before) = before(operation) {
            let own = operation.get("description").and_then(Value::as_str).unwrap_or_default();
            let told = format!("{own}\n\nThe examples show what comes after {before}.");
            operation.insert("description".into(), told.trim_start().into());
        }
    }
}

/// The examples that go before, in words.
fn before(operation: &Mapping) -> Option<String> {
    let listed = items(operation.get("x-after")?).flat_map(entries);
    let named = listed.filter_map(|(id, name)| Some(format!("`{id}` ({})", name.as_str()?)));
    let named: Vec<String> = named.collect();
    let (last, others) = named.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::read;

    fn described(rest: &str) -> String {
        let mut tree = read(&format!(r#"{{"paths":{{"/a":{{"get":{{{rest}}}}}}}}}"#)).unwrap();
        tell(&mut tree);
        tree["paths"]["/a"]["get"]["description"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_goes_before_stands_at_the_end() {
        let one = r#""description":"Reads it.","x-after":[{"make_it":"made"}]"#;
        assert_eq!(described(one), "Reads it.\n\nThe examples show what comes after `make_it` (made).");
        let more = r#""x-after":[{"make_it":"made"},{"fill_it":"rows"},{"close_it":"done"}]"#;
        let told = "The examples show what comes after `make_it` (made), `fill_it` (rows) and `close_it` (done).";
        assert_eq!(described(more), told);
        assert_eq!(described(r#""description":"Reads it.""#), "Reads it.");
    }
}
