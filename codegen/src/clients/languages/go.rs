//! Go, by openapi-generator: on the standard library alone.

use super::openapi_generator;
use crate::clients::language::Language;
use crate::clients::project::Project;
use crate::clients::rules::{Rule, answers, bodies, schemas};
use crate::clients::tool::Tool;

/// Clients in Go.
pub struct Go;

const RULES: &[Rule] = &[
    Rule::document(schemas::plain_content_types),
    Rule::document(schemas::plain_references),
    Rule::document(schemas::no_null_in_enums),
    Rule::operation("", answers::no_links),
    Rule::operation("the body is JSON, where a form does as well", bodies::no_form_beside_json),
    Rule::operation("the body is bytes, a file, whatever the content type", bodies::one_content_type),
    Rule::operation("a body of bytes is held in memory before it is sent", bodies::with_bytes),
    Rule::operation("of several answers JSON alone can be read", answers::one_content_type),
    Rule::operation(
        "the answer is bytes, a temporary file after all was held in memory; `ReadWith` hands them over as they arrive",
        answers::bytes,
    ),
];

/// The generator's functions hold an answer in memory to its end; this transport hands it over before.
const STREAMING: &str = include_str!("go/streaming.go");

impl Language for Go {
    fn name(&self) -> &'static str {
        "go"
    }

    fn title(&self) -> &'static str {
        "Go"
    }

    fn rules(&self) -> &'static [Rule] {
        RULES
    }

    fn generator(&self) -> &'static Tool {
        &openapi_generator::GENERATOR
    }

    fn generate(&self, project: &Project) -> Result<(), String> {
        let (package, module) = (&project.document.name, project.package("/"));
        // Unions are read by their discriminator, which spares the client a library for validation.
        let properties = "withGoMod=false,useOneOfDiscriminatorLookup=true";
        let command = format!("-g go --package-name {package} --additional-properties {properties}");
        openapi_generator::generate(&command, project)?;
        project.write("go.mod", &format!("module {module}\n\ngo 1.19\n"))?;
        project.write("streaming.go", &STREAMING.replace("PACKAGE", package))
    }
}
