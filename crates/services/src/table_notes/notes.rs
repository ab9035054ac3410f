//! What was noted of the tables of a database, or of the columns of a table.

use std::collections::HashMap;

use model::name_key;

use super::order::order;

/// Order and descriptions of things that stand beside each other: the tables of a database, the columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    places: HashMap<String, usize>,
    descriptions: HashMap<String, String>,
}

/// A row of ours.
pub(super) struct Note {
    pub key: String,
    pub description: Option<String>,
    pub placed: bool,
    pub after: Option<String>,
}

impl Notes {
    pub(super) fn of(notes: Vec<Note>) -> Self {
        let (mut entries, mut descriptions) = (Vec::new(), HashMap::new());
        for note in notes {
            if note.placed {
                entries.push((note.key.clone(), note.after));
            }
            descriptions.extend(note.description.map(|text| (note.key, text)));
        }
        let places = order(&entries).into_iter().enumerate().map(|(place, key)| (key.to_owned(), place)).collect();
        Self { places, descriptions }
    }

    /// Sorts things by the places that were chosen for them; those without one stay as they are, at the end.
    pub fn sort<T>(&self, things: &mut [T], name: impl Fn(&T) -> &str) {
        if !self.places.is_empty() {
            things.sort_by_cached_key(|thing| self.places.get(&name_key(name(thing))).copied().unwrap_or(usize::MAX));
        }
    }

    /// What a thing is described as.
    pub fn description(&self, name: &str) -> Option<&str> {
        self.descriptions.get(&name_key(name)).map(String::as_str)
    }
}

/// Where a thing is put among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// Right after the one of this name.
    After(String),
}

impl Place {
    /// `names` in their order, with `moved` at this place; `None` where there is no such place.
    pub(super) fn put(&self, moved: &str, names: &[String]) -> Option<Vec<String>> {
        let moved = name_key(moved);
        let mut keys: Vec<String> = names.iter().map(|name| name_key(name)).filter(|key| *key != moved).collect();
        let place = match self {
            Self::First => 0,
            Self::After(other) => keys.iter().position(|key| *key == name_key(other))? + 1,
        };
        keys.insert(place, moved);
        Some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_first_or_right_after_another() {
        let names = ["A", "B", "C"].map(str::to_owned);
        let put = |place: Place, moved: &str| place.put(moved, &names).map(|keys| keys.concat());
        assert_eq!(put(Place::First, "C"), Some("cab".to_owned()));
        assert_eq!(put(Place::After("a".to_owned()), "C"), Some("acb".to_owned()));
        assert_eq!(put(Place::After("C".to_owned()), "a"), Some("bca".to_owned()));
        assert_eq!(put(Place::After("x".to_owned()), "a"), None);
        assert_eq!(put(Place::After("a".to_owned()), "A"), None);
    }
}
