//! The names of columns, as a header gives them.

use std::collections::HashSet;

use model::name_key;

/// Names that differ in more than letter case: an empty one becomes `column0` and its like (by position, from 0), one
/// that was there before gets `_1` after it, and so on.
pub(super) fn unique_names(names: Vec<String>) -> Vec<String> {
    let digits = names.len().saturating_sub(1).max(1).ilog10() as usize + 1;
    let mut taken = HashSet::new();
    let mut unique = Vec::with_capacity(names.len());
    for (position, name) in names.into_iter().enumerate() {
        let name = if name.is_empty() { format!("column{position:0digits$}") } else { name };
        let mut candidate = name.clone();
        let mut count = 0;
        while !taken.insert(name_key(&candidate)) {
            count += 1;
            candidate = format!("{name}_{count}");
        }
        unique.push(candidate);
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::unique_names;

    fn unique(names: &[&str]) -> Vec<String> {
        unique_names(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn empty_and_repeated_names_are_told_apart() {
        assert_eq!(unique(&["", "a", "A", "a", "a_1", ""]), ["column0", "a", "A_1", "a_2", "a_1_1", "column5"]);
        assert_eq!(unique(&["", "column0"]), ["column0", "column0_1"]);
        let many: Vec<&str> = vec![""; 11];
        assert_eq!(unique(&many)[3], "column03");
    }
}
