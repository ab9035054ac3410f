//! A JSON value, with its numbers as they are written.

use std::borrow::Cow;

/// A value; what a text holds is borrowed from it where it can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
    /// `[…]`
    Array(Vec<Node<'a>>),
    /// `{…}`, in the order of the text; of two equal keys the first counts.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The name of its type, as DuckDB has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "BOOLEAN",
            Self::Number(number) if number.contains(['.', 'e', 'E']) => "DOUBLE",
            Self::Number(number) if number.starts_with('-') => "BIGINT",
            Self::Number(_) => "UBIGINT",
            Self::Text(_) => "VARCHAR",
            Self::Array(_) => "ARRAY",
            Self::Object(_) => "OBJECT",
        }
    }

    /// Whether it holds another: an array one of its items, an object all the other's members.
    pub fn contains(&self, other: &Node) -> bool {
        if self == other {
            return true;
        }
        match (self, other) {
            (Self::Object(own), Node::Object(wanted)) => {
                let has = |(key, value): &(Cow<str>, Node)| self.get(key).is_some_and(|own| own.contains(value));
                wanted.iter().all(has) || own.iter().any(|(_, value)| value.contains(other))
            }
            (Self::Object(own), _) => own.iter().any(|(_, value)| value.contains(other)),
            (Self::Array(own), Node::Array(wanted)) => {
                wanted.iter().all(|wanted| own.iter().any(|item| item.contains(wanted)))
            }
            (Self::Array(own), _) => own.iter().any(|item| item.contains(other)),
            _ => false,
        }
    }

    /// As `json_merge_patch` says: members of the patch replace, `null` removes.
    pub fn merged(self, patch: Node<'a>) -> Node<'a> {
        let Node::Object(changes) = patch else { return patch };
        let mut members = match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        };
        for (key, change) in changes {
            let known = members.iter().position(|(name, _)| *name == key);
            match (known, change) {
                (Some(position), Node::Null) => drop(members.remove(position)),
                (None, Node::Null) => {}
                (Some(position), change) => {
                    let before = std::mem::replace(&mut members[position].1, Node::Null);
                    members[position].1 = before.merged(change);
                }
                (None, change) => members.push((key, Node::Null.merged(change))),
            }
        }
        Node::Object(members)
    }
}
