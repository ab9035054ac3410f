//! Query strings that mean two things, or nothing.

use std::collections::HashSet;

use percent_encoding::percent_decode;

/// What is wrong with a query string whose parameters in `single` may stand in it once. Parameters of other names are
/// not looked at.
pub fn fault<'a>(query: &str, single: impl Iterator<Item = &'a str>) -> Option<String> {
    let single: HashSet<&str> = single.collect();
    let mut seen = HashSet::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = decoded(name).filter(|name| single.contains(name.as_str())) else {
            continue;
        };
        if decoded(value).is_none() {
            return Some(format!("the query parameter `{name}` is not UTF-8; percent-encode UTF-8 bytes"));
        }
        if seen.contains(&name) {
            return Some(format!("the query parameter `{name}` is given twice; give it once"));
        }
        seen.insert(name);
    }
    None
}

fn decoded(text: &str) -> Option<String> {
    let spaced: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> Option<String> {
        fault(query, ["table", "mode"].into_iter())
    }

    #[test]
    fn one_of_each_is_fine_and_unknown_names_do_not_matter() {
        for query in ["", "&", "table=a&mode=b", "other=1&other=2&table=a", "table=caf%C3%A9+au+lait", "%ff=1", "table"]
        {
            assert_eq!(told(query), None, "{query}");
        }
    }

    #[test]
    fn two_of_one_are_refused_however_they_are_written() {
        let twice = Some("the query parameter `table` is given twice; give it once".to_owned());
        for query in ["table=a&table=b", "table=a&mode=x&table=a", "table=a&%74able=b", "table&table"] {
            assert_eq!(told(query), twice, "{query}");
        }
    }

    #[test]
    fn values_are_utf_8() {
        let told = told("mode=a&table=%ff%fe").unwrap();
        assert_eq!(told, "the query parameter `table` is not UTF-8; percent-encode UTF-8 bytes");
    }
}
