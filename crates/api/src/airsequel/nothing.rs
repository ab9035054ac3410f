//! The empty object: what changes answer, and what some requests bring along.

use poem_openapi::Object;
use serde::Deserialize;

/// An object that says nothing.
#[derive(Clone, Copy, Debug, Default, Object, Deserialize)]
pub struct Nothing {}
