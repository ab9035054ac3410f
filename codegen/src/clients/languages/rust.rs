//! Rust, by progenitor.

use crate::clients::language::Language;
use crate::clients::project::Project;
use crate::clients::rules::{Rule, answers, bodies, parameters, schemas};
use crate::clients::tool::Tool;

/// Clients in Rust.
pub struct Rust;

static GENERATOR: Tool = Tool {
    program: "cargo-progenitor",
    variable: "CARGO_PROGENITOR",
    // It cannot say.
    version_arguments: &[],
    version: "0.15.1",
    install: "cargo install cargo-progenitor --version 0.15.1 --locked",
};

const RULES: &[Rule] = &[
    Rule::document(schemas::plain_content_types),
    Rule::document(schemas::plain_references),
    Rule::operation("the generator has no bodies in parts", bodies::no_parts),
    Rule::operation("the generator has no cookies", parameters::no_cookies),
    Rule::operation("the body is JSON, where a form does as well", bodies::no_form_beside_json),
    Rule::operation("the body is bytes, a `reqwest::Body`, whatever the content type", bodies::one_content_type),
    Rule::operation("the body is bytes: the generator knows no other content type for it", |operation| {
        bodies::bytes_but(&[bodies::JSON, bodies::BYTES, bodies::FORM, bodies::TEXT], operation)
    }),
    Rule::operation("of several answers JSON alone can be read", answers::one_content_type),
    Rule::operation("the answer is bytes, a `ByteStream` that is read as it arrives", answers::bytes),
    Rule::operation("answers of different shapes share one: a JSON value, or bytes", answers::one_shape),
    Rule::operation("", answers::ranges_alone),
];

impl Language for Rust {
    fn name(&self) -> &'static str {
        "rust"
    }

    fn title(&self) -> &'static str {
        "Rust"
    }

    fn rules(&self) -> &'static [Rule] {
        RULES
    }

    fn generator(&self) -> &'static Tool {
        &GENERATOR
    }

    fn generate(&self, project: &Project) -> Result<(), String> {
        let (name, version) = (project.package("-"), project.document.version());
        let arguments = [
            "progenitor --input openapi.json --output . --interface builder --include-client false --license-name",
            "MIT OR Apache-2.0",
            &format!("--name {name} --version {version}"),
        ];
        let [first, license, last] = arguments;
        let words: Vec<&str> = first.split(' ').chain([license]).chain(last.split(' ')).collect();
        GENERATOR.run(&words, &project.directory).map(|_| ())
    }
}
