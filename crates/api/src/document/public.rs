//! The pass that says which operations anybody may call.

use serde_yaml::Value;

use super::tree::{Tree, operations_mut};

/// The framework leaves `security` out where an operation asks nobody who they are. That could have been forgotten: an
/// empty list says that it was meant.
pub fn say(document: &mut Tree) {
    for operation in operations_mut(document).into_iter().filter_map(Value::as_mapping_mut) {
        operation.entry("security".into()).or_insert(Value::Sequence(Vec::new()));
    }
}

#[cfg(test)]
mod tests {
    use crate::document::tree::{read, to_json};

    #[test]
    fn who_is_asked_stays_asked() {
        let mut tree = read(r#"{"paths":{"/a":{"get":{"security":[{"Key":[]}]},"post":{"summary":"s"}}}}"#).unwrap();
        super::say(&mut tree);
        let expected = r#"{"paths":{"/a":{"get":{"security":[{"Key":[]}]},"post":{"summary":"s","security":[]}}}}"#;
        assert_eq!(to_json(&tree).replace([' ', '\n'], ""), expected);
    }
}
