//! Which shapes of statements share their plans.

use std::cell::RefCell;
use std::collections::HashMap;

/// Shapes that are remembered; more begin anew.
const REMEMBERED: usize = 1_000;
/// How often SQLite may plan a shape again before it is said to do so each time. A change of a definition has it done once.
const DOUBTS: u8 = 3;

/// What one connection has learnt of shapes that had better not share a plan.
///
/// A plan may hang on the value of a constant: by a partial index or by what `ANALYZE` found, where SQLite plans again for every
/// value, and by an index on an expression with a constant in it, which it cannot use for a parameter.
#[derive(Default)]
pub struct Plans(RefCell<HashMap<String, u8>>);

impl Plans {
    /// Whether statements of this shape may still share one.
    pub fn may_share(&self, shape: &str) -> bool {
        let doubts = self.0.borrow();
        doubts.is_empty() || doubts.get(shape).is_none_or(|doubts| *doubts < DOUBTS)
    }

    /// SQLite has planned the shape again.
    pub fn doubt(&self, shape: &str) {
        self.add(shape.to_owned(), 1);
    }

    /// Statements of the shape no longer share a plan.
    pub fn keep_apart(&self, shape: String) {
        self.add(shape, DOUBTS);
    }

    fn add(&self, shape: String, doubts: u8) {
        let mut known = self.0.borrow_mut();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let count = known.entry(shape).or_default();
        *count = count.saturating_add(doubts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_kept_apart_when_it_is_planned_again_and_again() {
        let plans = Plans::default();
        // A change of a definition has every shape planned again, once.
        plans.doubt("a");
        assert!(plans.may_share("a") && plans.may_share("b"));
        plans.doubt("a");
        plans.doubt("a");
        plans.keep_apart("c".to_owned());
        assert!(!plans.may_share("a") && plans.may_share("b") && !plans.may_share("c"));
        (0..REMEMBERED).for_each(|number| plans.doubt(&number.to_string()));
        assert!(plans.may_share("a"), "so much is not remembered");
    }
}
