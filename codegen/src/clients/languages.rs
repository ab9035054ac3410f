//! The languages, one file each.

mod go;
mod java;
mod openapi_generator;
mod python;
mod rust;
mod typescript;

use super::language::Language;

/// Every language, in the order of the table.
pub const ALL: [&dyn Language; 5] = [&python::Python, &typescript::TypeScript, &rust::Rust, &java::Java, &go::Go];

/// The language of a name.
pub fn named(name: &str) -> Option<&'static dyn Language> {
    ALL.into_iter().find(|language| language.name() == name)
}
