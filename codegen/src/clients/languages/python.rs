//! Python, by openapi-python-client.

use std::path::Path;

use crate::clients::language::Language;
use crate::clients::project::Project;
use crate::clients::rules::{Rule, answers, bodies, schemas};
use crate::clients::tool::Tool;

/// Clients in Python.
pub struct Python;

static GENERATOR: Tool = Tool {
    program: "python3",
    variable: "PYTHON",
    version_arguments: &["-m", "openapi_python_client", "--version"],
    version: "0.29.1",
    install: "pip install openapi-python-client==0.29.1",
};

const RULES: &[Rule] = &[
    Rule::document(schemas::plain_content_types),
    Rule::document(schemas::plain_references),
    Rule::document(schemas::no_null_in_enums),
    Rule::operation("the body is JSON, where a form does as well", bodies::no_form_beside_json),
    Rule::operation("the body is bytes, a `File`, whatever the content type", bodies::one_content_type),
    Rule::operation("the body is bytes, a `File`: the generator knows no other content type for it", |operation| {
        bodies::bytes_but(&[bodies::JSON, bodies::BYTES, bodies::FORM, bodies::PARTS], operation)
    }),
    Rule::operation("of several answers JSON alone can be read", answers::one_content_type),
    Rule::operation("the answer is bytes, which `stream` hands over as they arrive", answers::bytes),
];

/// Adds to each module of an operation whose answer is bytes a function that reads it as it arrives: the generator's
/// own functions read an answer to its end first. It is a template around the generator's, from which its names come.
const STREAM: &str = include_str!("python/stream.py.jinja");

/// The generator's template, under the name that ours includes it by.
const INNER: &str = "whole_answers.py.jinja";
const OUTER: &str = "endpoint_module.py.jinja";

impl Language for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn title(&self) -> &'static str {
        "Python"
    }

    fn rules(&self) -> &'static [Rule] {
        RULES
    }

    fn generator(&self) -> &'static Tool {
        &GENERATOR
    }

    fn generate(&self, project: &Project) -> Result<(), String> {
        let templates = "import openapi_python_client as it; print(it.__path__[0], end='/templates')";
        let templates = GENERATOR.run(&["-c", templates], &project.directory)?;
        let inner = Path::new(&templates).join(OUTER);
        let inner =
            std::fs::read_to_string(&inner).map_err(|cause| format!("cannot read {}: {cause}", inner.display()))?;
        project.write(Path::new("templates").join(INNER), &inner)?;
        project.write(Path::new("templates").join(OUTER), STREAM)?;
        project.write("config.json", &config(project))?;
        let arguments = [
            "-m openapi_python_client generate --meta setup --overwrite --fail-on-warning",
            "--path openapi.json --output-path client --config config.json --custom-template-path templates",
        ];
        GENERATOR.run(&arguments.join(" ").split(' ').collect::<Vec<_>>(), &project.directory)?;
        project.raise("client")?;
        GENERATOR.run(&["-m", "ruff", "check", "--quiet", "--fix-only", "."], &project.directory)?;
        GENERATOR.run(&["-m", "ruff", "format", "--quiet", "."], &project.directory)?;
        project.remove("templates")?;
        project.remove("config.json")
    }
}

/// Names. The linter and formatter that the generator calls by itself are called after it instead, where they are
/// sure to be found: it brings them along.
fn config(project: &Project) -> String {
    let (distribution, package, version) = (project.package("-"), project.package("_"), project.document.version());
    format!(
        r#"{{
  "project_name_override": "{distribution}",
  "package_name_override": "{package}",
  "package_version_override": "{version}",
  "post_hooks": []
}}
"#
    )
}
