//! The pass that writes whole numbers as whole numbers.

use serde_yaml::Value;

use super::tree::{Tree, walk};

/// Numbers below this in size are whole numbers exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The framework keeps limits as floating point and writes `0.0` where the document means 0.
pub fn whole(document: &mut Tree) {
    walk(document, &mut |node| {
        if let Some(number) = node.as_f64().filter(|_| node.is_f64())
            && number.fract() == 0.0
            && number.abs() < EXACT
        {
            *node = Value::from(number as i64);
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::document::tree::{read, to_json};

    #[test]
    fn only_what_is_whole_changes() {
        let mut tree = read(r#"[0.0, -3.0, 0.5, 18446744073709551615, 1e300, "0.0"]"#).unwrap();
        super::whole(&mut tree);
        let compact = to_json(&tree).replace([' ', '\n'], "");
        assert_eq!(compact, r#"[0,-3,0.5,18446744073709551615,1e+300,"0.0"]"#);
    }
}
