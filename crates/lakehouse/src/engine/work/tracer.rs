//! Takes the work along into the tasks that the engine starts: repartitioning, merging, building the side of a join.

use std::any::Any;

use datafusion::common::runtime::{JoinSetTracer, set_join_set_tracer};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::CURRENT;

struct Carrier;

impl JoinSetTracer for Carrier {
    fn trace_future(&self, future: BoxFuture<'static, Box<dyn Any + Send>>) -> BoxFuture<'static, Box<dyn Any + Send>> {
        match CURRENT.try_with(Clone::clone) {
            Ok(work) => CURRENT.scope(work, future).boxed(),
            Err(_) => future,
        }
    }

    fn trace_block(
        &self,
        block: Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>,
    ) -> Box<dyn FnOnce() -> Box<dyn Any + Send> + Send> {
        match CURRENT.try_with(Clone::clone) {
            Ok(work) => Box::new(move || CURRENT.sync_scope(work, block)),
            Err(_) => block,
        }
    }
}

/// From now on tasks of the engine work for the query of the task that started them.
pub fn carry_into_tasks() {
    // A process that opens a second engine has it already.
    let _ = set_join_set_tracer(&Carrier);
}
