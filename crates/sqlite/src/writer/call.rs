//! A request as the writer's queue has it: what to do, and who waits for the answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use model::{Error, Result};
use tokio::sync::oneshot;

use super::{Job, Manner, Ran, Uncommitted};
use crate::connection::Guarded;

/// What one run came to.
pub enum Attempt<T> {
    /// To its end.
    Came(Result<T>),
    /// It took longer than it may beside others.
    TooLong,
}

/// Work that a request is made of.
pub trait Work<T> {
    /// `None` where it cannot be run (again).
    fn run(&mut self, connection: &Guarded, within: Option<Duration>) -> Option<Attempt<T>>;
}

/// Work that runs once.
pub struct Once<F>(pub Option<F>);

impl<T, F: FnOnce(&Guarded) -> Result<T>> Work<T> for Once<F> {
    fn run(&mut self, connection: &Guarded, _: Option<Duration>) -> Option<Attempt<T>> {
        Some(Attempt::Came(self.0.take()?(connection)))
    }
}

/// Work that may be run again, from the beginning.
pub struct Again<F>(pub F);

impl<T, F: FnMut(&Guarded, Option<Duration>) -> Attempt<T>> Work<T> for Again<F> {
    fn run(&mut self, connection: &Guarded, within: Option<Duration>) -> Option<Attempt<T>> {
        Some((self.0)(connection, within))
    }
}

/// A request.
pub struct Call<T, W, A> {
    work: W,
    after: A,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
    manner: Manner,
}

impl<T, W, A> Call<T, W, A> {
    /// `after` runs once `work` is committed.
    pub fn new(work: W, after: A, answer: oneshot::Sender<Result<T>>, manner: Manner) -> Self {
        Self { work, after, outcome: None, answer, manner }
    }
}

impl<T: Send, W: Work<T> + Send, A: FnOnce(&T) -> Result<()> + Send> Job for Call<T, W, A> {
    fn run(&mut self, connection: &Guarded, within: Option<Duration>) -> Ran {
        self.outcome = None;
        // Nobody waits any more: nothing needs to be done.
        if self.answer.is_closed() {
            return Ran::Undone;
        }
        let attempt = catch_unwind(AssertUnwindSafe(|| self.work.run(connection, within)));
        connection.guard.leave();
        let outcome = match attempt {
            Ok(Some(Attempt::TooLong)) => return Ran::TooLong,
            Ok(Some(Attempt::Came(outcome))) => outcome,
            Ok(None) => return Ran::Undone,
            Err(_) => Err(Error::internal("a write panicked")),
        };
        let ran = if outcome.is_ok() { Ran::Kept } else { Ran::Undone };
        self.outcome = Some(outcome);
        ran
    }

    fn finish(self: Box<Self>, committed: &std::result::Result<(), Uncommitted>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(cause)) => Err(cause.error()),
            (Some(Ok(value)), Ok(())) => (self.after)(&value).map(|()| value),
            (Some(outcome), _) => outcome,
            (None, Err(cause)) => Err(cause.error()),
            (None, Ok(())) => Err(Error::cancelled()),
        };
        let _ = self.answer.send(outcome);
    }

    fn manner(&self) -> Manner {
        self.manner
    }
}
