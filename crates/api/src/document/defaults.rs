//! The pass that leaves out what goes without saying.

use serde_yaml::{Mapping, Value};

use super::tree::{Tree, operations_mut};

/// `deprecated: false` says what its absence says, and the framework writes it at every parameter and header.
pub fn leave_out(document: &mut Tree) {
    for operation in operations_mut(document) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_sequence_mut);
        parameters.into_iter().flatten().for_each(undeprecated);
        let responses = operation.get_mut("responses").and_then(Value::as_mapping_mut).map(Mapping::values_mut);
        for response in responses.into_iter().flatten() {
            let headers = response.get_mut("headers").and_then(Value::as_mapping_mut).map(Mapping::values_mut);
            headers.into_iter().flatten().for_each(undeprecated);
        }
    }
}

fn undeprecated(node: &mut Tree) {
    if node["deprecated"] == Value::Bool(false)
        && let Some(mapping) = node.as_mapping_mut()
    {
        mapping.shift_remove("deprecated");
    }
}

#[cfg(test)]
mod tests {
    use crate::document::tree::{read, to_json};

    #[test]
    fn what_is_deprecated_still_says_so() {
        let mut tree = read(
            r#"{"paths":{"/a":{"get":{"parameters":[{"name":"p","deprecated":false,"in":"query"},{"name":"q","deprecated":true}],
            "responses":{"200":{"headers":{"h":{"required":true,"deprecated":false}}}}}}}}"#,
        )
        .unwrap();
        super::leave_out(&mut tree);
        let expected = r#"{"paths":{"/a":{"get":{"parameters":[{"name":"p","in":"query"},{"name":"q","deprecated":true}],"responses":{"200":{"headers":{"h":{"required":true}}}}}}}}"#;
        assert_eq!(to_json(&tree).replace([' ', '\n'], ""), expected);
    }
}
