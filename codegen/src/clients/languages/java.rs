//! Java, by openapi-generator: on the JDK's own HTTP client, with Jackson.

use super::openapi_generator;
use crate::clients::language::Language;
use crate::clients::project::Project;
use crate::clients::rules::{Rule, answers, bodies, schemas};
use crate::clients::tool::Tool;

/// Clients in Java.
pub struct Java;

const RULES: &[Rule] = &[
    Rule::document(schemas::plain_content_types),
    Rule::document(schemas::plain_references),
    Rule::document(schemas::no_null_in_enums),
    Rule::operation("", answers::no_links),
    Rule::operation("the body is JSON, where a form does as well", bodies::no_form_beside_json),
    Rule::operation("the body is bytes, a `File`, whatever the content type", bodies::one_content_type),
    Rule::operation("of several answers JSON alone can be read", answers::one_content_type),
    Rule::operation(
        "the answer is bytes, a temporary `File`; a subclass that overrides `downloadFileFromResponse` reads them as \
         they arrive",
        answers::bytes,
    ),
];

const TEMPLATE: &str = "templates/api.mustache";

/// The generator's template writes every body as JSON, a file by its name. These two places are changed, so that a file
/// is sent as what it holds, straight from the disk.
const CORRECTIONS: [(&str, &str); 2] = [
    (
        "    {{#bodyParam}}\n    {{#isString}}\n",
        "    {{#bodyParam}}\n    {{#isFile}}\n    try {\n      localVarRequestBuilder.method(\"{{httpMethod}}\", \
         HttpRequest.BodyPublishers.ofFile({{paramName}}.toPath()));\n    } catch (java.io.FileNotFoundException e) {\n      \
         throw new ApiException(e);\n    }\n    {{/isFile}}\n    {{^isFile}}\n    {{#isString}}\n",
    ),
    ("    {{/isString}}\n    {{/bodyParam}}\n", "    {{/isString}}\n    {{/isFile}}\n    {{/bodyParam}}\n"),
];

impl Language for Java {
    fn name(&self) -> &'static str {
        "java"
    }

    fn title(&self) -> &'static str {
        "Java"
    }

    fn rules(&self) -> &'static [Rule] {
        RULES
    }

    fn generator(&self) -> &'static Tool {
        &openapi_generator::GENERATOR
    }

    fn generate(&self, project: &Project) -> Result<(), String> {
        let author = ["author", "template", "-g", "java", "--library", "native", "-o", "extracted"];
        openapi_generator::run(&author, project)?;
        project.write(TEMPLATE, &corrected(&project.read("extracted/libraries/native/api.mustache")?)?)?;
        project.remove("extracted")?;
        // An annotation of an extra library, on every class, for nothing.
        project.write("templates/generatedAnnotation.mustache", "")?;
        let (package, artifact, version) = (project.package("."), project.package("-"), project.document.version());
        let names = format!("--invoker-package {package} --api-package {package}.api --model-package {package}.model");
        let project_names = format!("--group-id boathouse --artifact-id {artifact} --artifact-version {version}");
        let properties = "--additional-properties openApiNullable=false,hideGenerationTimestamp=true";
        let command = format!("-g java --library native -t templates {names} {project_names} {properties}");
        openapi_generator::generate(&command, project)?;
        project.remove("templates")
    }
}

fn corrected(template: &str) -> Result<String, String> {
    CORRECTIONS.into_iter().try_fold(template.to_owned(), |text, (wrong, right)| match text.matches(wrong).count() {
        1 => Ok(text.replace(wrong, right)),
        _ => Err(format!("the generator's template for Java has changed; it does not have once:\n{wrong}")),
    })
}
