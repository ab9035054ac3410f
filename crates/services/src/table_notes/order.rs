//! The order of things of which each may say what it stands after.

use std::collections::{HashMap, HashSet};

/// The order of names, each with the one that it stands after, if any.
///
/// Those that stand after none come first, then those that stand after one which says nothing of itself: that one is
/// in the answer, too. Of several that stand after the same, the one with the longest chain behind it comes first. Names
/// that stand after each other in a circle come last.
pub(super) fn order(entries: &[(String, Option<String>)]) -> Vec<&str> {
    let mut forest = Forest::of(entries);
    // A first walk, in any order, finds how long the chains are; the second one goes by that.
    let (walked, parents) = forest.walk();
    let mut heights: HashMap<&str, usize> = HashMap::new();
    for name in walked.iter().rev() {
        let height = heights.get(name).copied().unwrap_or(0) + 1;
        if let Some(parent) = parents.get(name) {
            let longest = heights.entry(parent).or_default();
            *longest = height.max(*longest);
        }
    }
    forest.sort(&heights);
    forest.walk().0
}

/// What stands after what.
struct Forest<'a> {
    /// What begins a chain: what stands after none, then what others stand after that is no entry itself.
    roots: Vec<&'a str>,
    /// How many of the roots stand after none.
    first: usize,
    after: HashMap<&'a str, Vec<&'a str>>,
    /// Every entry, by name.
    names: Vec<&'a str>,
}

impl<'a> Forest<'a> {
    fn of(entries: &'a [(String, Option<String>)]) -> Self {
        let known: HashSet<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
        let mut after: HashMap<&str, Vec<&str>> = HashMap::new();
        let (mut roots, mut dangling) = (Vec::new(), Vec::new());
        for (name, previous) in entries {
            match previous.as_deref() {
                None => roots.push(name.as_str()),
                Some(previous) => {
                    after.entry(previous).or_default().push(name);
                    if !known.contains(previous) {
                        dangling.push(previous);
                    }
                }
            }
        }
        let first = roots.len();
        roots.append(&mut dangling);
        let mut names: Vec<&str> = known.into_iter().collect();
        names.sort_unstable();
        let mut forest = Self { roots, first, after, names };
        forest.sort(&HashMap::new());
        forest
    }

    /// Sorts what stands beside each other: longest chain first, then by name.
    fn sort(&mut self, heights: &HashMap<&str, usize>) {
        let place = |name: &&'a str| (usize::MAX - heights.get(name).copied().unwrap_or(0), *name);
        let (first, dangling) = self.roots.split_at_mut(self.first);
        first.sort_by_key(place);
        dangling.sort_by_key(place);
        self.after.values_mut().for_each(|names| names.sort_by_key(place));
    }

    /// Every name once, each before what stands after it; and what each was come to from.
    fn walk(&self) -> (Vec<&'a str>, HashMap<&'a str, &'a str>) {
        let (mut walked, mut parents) = (Vec::new(), HashMap::new());
        let mut seen: HashSet<&str> = HashSet::new();
        // What no root leads to is part of a circle, or hangs on one.
        for start in self.roots.iter().chain(&self.names) {
            let mut waiting = vec![(None, *start)];
            while let Some((parent, name)) = waiting.pop() {
                if !seen.insert(name) {
                    continue;
                }
                walked.push(name);
                parents.extend(parent.map(|parent| (name, parent)));
                let next = self.after.get(name).into_iter().flatten().rev();
                waiting.extend(next.map(|next| (Some(name), *next)));
            }
        }
        (walked, parents)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `a` and `b` after it: `a- ba`.
    fn entries(text: &str) -> Vec<(String, Option<String>)> {
        let entry = |word: &str| {
            let (name, previous) = word.split_at(1);
            (name.to_owned(), (previous != "-").then(|| previous.to_owned()))
        };
        text.split(' ').map(entry).collect()
    }

    #[test]
    fn the_order_is_airsequel_s() {
        for (pairs, expected) in [
            ("a- ba cb", "abc"),
            ("a- cb ba", "abc"),
            ("ba a- cb", "abc"),
            ("ba cb a-", "abc"),
            ("cb a- ba", "abc"),
            ("cb ba a-", "abc"),
            ("ax cb ba", "xabc"),
            ("a- ba c-", "abc"),
            ("a- b- c-", "abc"),
            ("a- ba dc", "abcd"),
            ("cb dc a-", "abcd"),
            ("ca ba ab", "abc"),
        ] {
            assert_eq!(order(&entries(pairs)).concat(), expected, "{pairs}");
        }
    }

    #[test]
    fn the_longest_chain_comes_first() {
        assert_eq!(order(&entries("b- a- cb dc")).concat(), "bcda");
        assert_eq!(order(&entries("a- ba ca dc")).concat(), "acdb");
    }

    proptest! {
        #[test]
        fn every_name_is_there_once_whatever_stands_after_what(
            pairs in proptest::collection::btree_map("[a-h]", proptest::option::of("[a-j]"), 0..9)
        ) {
            let entries: Vec<_> = pairs.into_iter().collect();
            let ordered = order(&entries);
            let mut names: Vec<&str> = entries.iter().flat_map(|(name, previous)| [Some(name), previous.as_ref()]).flatten().map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            let mut once = ordered.clone();
            once.sort_unstable();
            prop_assert_eq!(once, names);
        }
    }
}
