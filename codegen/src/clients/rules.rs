//! Rules that put a document into what a generator can express.

pub mod answers;
pub mod bodies;
pub mod parameters;
pub mod schemas;

use serde_yaml::Value;

use super::document::Document;

/// What a rule did to an operation, from the least to the most that it takes from the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: the operation has nothing that the rule is about.
    #[default]
    None,
    /// Everything that the operation does can be had, in the way that the rule's note says.
    Adapted,
    /// Something cannot be had.
    Limited,
    /// The client does not have the operation.
    LeftOut,
}

/// One rule: a change of the document, and what users of the client are told about it.
pub struct Rule {
    note: &'static str,
    change: Change,
}

enum Change {
    Operation(fn(&mut Value) -> Effect),
    Document(fn(&mut Value)),
}

impl Rule {
    /// A rule on one operation at a time.
    pub const fn operation(note: &'static str, change: fn(&mut Value) -> Effect) -> Self {
        Self { note, change: Change::Operation(change) }
    }

    /// A rule on the whole document that takes nothing from any operation.
    pub const fn document(change: fn(&mut Value)) -> Self {
        Self { note: "", change: Change::Document(change) }
    }
}

/// What the rules did to one operation.
pub struct Outcome {
    /// The operation's id.
    pub operation: String,
    /// The strongest effect of all.
    pub effect: Effect,
    /// What users are told, in the order of the rules.
    pub notes: Vec<&'static str>,
}

/// The document after all rules, and what happened to each of its operations, in the document's order.
pub fn apply(rules: &[Rule], document: &Document) -> (Document, Vec<Outcome>) {
    let mut adapted = document.clone();
    let untouched = |operation| Outcome { operation, effect: Effect::None, notes: Vec::new() };
    let mut outcomes: Vec<Outcome> = adapted.operations_mut().map(|(id, _)| untouched(id)).collect();
    for rule in rules {
        match rule.change {
            Change::Document(change) => change(adapted.root_mut()),
            Change::Operation(change) => {
                for ((_, operation), outcome) in adapted.operations_mut().zip(&mut outcomes) {
                    if outcome.effect == Effect::LeftOut {
                        continue;
                    }
                    let effect = change(operation);
                    if effect != Effect::None {
                        outcome.effect = outcome.effect.max(effect);
                        outcome.notes.push(rule.note);
                    }
                }
            }
        }
    }
    for outcome in outcomes.iter().filter(|outcome| outcome.effect == Effect::LeftOut) {
        adapted.remove(&outcome.operation);
    }
    (adapted, outcomes)
}

#[cfg(test)]
mod tests;
