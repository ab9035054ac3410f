//! Ways into a JSON value: `$.a[0]."b c"`, `/a/0/b c`, or a key alone.

use super::node::Node;

/// A way into a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    /// From the beginning, or with a negative number from the end.
    Item(i64),
    AnyKey,
    AnyItem,
}

impl Path {
    /// The way that a text says.
    ///
    /// # Errors
    /// A text that begins with `$` and is no path.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix('$') {
            return steps(rest).map(Self).ok_or_else(|| format!("{text:?} is not a path into JSON; write $.key[0]"));
        }
        if let Some(rest) = text.strip_prefix('/') {
            let step = |part: &str| match part.parse() {
                Ok(item) => Step::Item(item),
                Err(_) => Step::Key(part.replace("~1", "/").replace("~0", "~")),
            };
            return Ok(Self(rest.split('/').map(step).collect()));
        }
        Ok(Self(vec![Step::Key(text.to_owned())]))
    }

    /// The item of this number.
    pub fn item(number: i64) -> Self {
        Self(vec![Step::Item(number)])
    }

    /// Whether it may lead to several values.
    pub fn is_many(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::AnyKey | Step::AnyItem))
    }

    /// The values at its end.
    pub fn find<'n, 'a>(&self, root: &'n Node<'a>) -> Vec<&'n Node<'a>> {
        self.0.iter().fold(vec![root], |found, step| found.into_iter().flat_map(|node| step.find(node)).collect())
    }
}

impl Step {
    fn find<'n, 'a>(&self, node: &'n Node<'a>) -> Vec<&'n Node<'a>> {
        match (self, node) {
            (Self::Key(key), Node::Object(_)) => node.get(key).into_iter().collect(),
            (Self::Item(number), Node::Array(items)) => {
                let place = if *number < 0 { items.len() as i64 + number } else { *number };
                usize::try_from(place).ok().and_then(|place| items.get(place)).into_iter().collect()
            }
            (Self::Item(number), Node::Object(_)) => node.get(&number.to_string()).into_iter().collect(),
            (Self::AnyKey, Node::Object(members)) => members.iter().map(|(_, value)| value).collect(),
            (Self::AnyItem, Node::Array(items)) => items.iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            if let Some(quoted) = after.strip_prefix('"') {
                let (key, after) = quoted.split_once('"')?;
                steps.push(Step::Key(key.to_owned()));
                rest = after;
                continue;
            }
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (key, after) = after.split_at(end);
            match key {
                "" => return None,
                "*" => steps.push(Step::AnyKey),
                key => steps.push(Step::Key(key.to_owned())),
            }
            rest = after;
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(match index {
                "*" => Step::AnyItem,
                _ => Step::Item(index.strip_prefix('#').unwrap_or(index).parse().ok()?),
            });
            rest = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let text = r#"{"a": [1, {"b c": 2}], "0": 3}"#;
        let root = parse(text).unwrap();
        for (path, expected) in
            [("$.a[0]", "1"), ("$.a[1].\"b c\"", "2"), ("/a/1/b c", "2"), ("$.a[#-2]", "1"), ("/0", "3"), ("0", "3")]
        {
            let found = Path::parse(path).unwrap();
            let found = found.find(&root).into_iter().map(super::super::write::written).collect::<Vec<_>>();
            assert_eq!(found, [expected], "{path}");
        }
        assert!(Path::parse("$.z").unwrap().find(&root).is_empty());
        assert!(Path::parse("$a").is_err() && Path::parse("$[x]").is_err());
        assert_eq!(Path::parse("$.*").unwrap().find(&root).len(), 2);
    }
}
