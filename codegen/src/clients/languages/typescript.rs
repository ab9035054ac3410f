//! TypeScript, by hey-api's openapi-ts: a function an operation, on `fetch`, with no dependency at run time.

use crate::clients::language::Language;
use crate::clients::project::Project;
use crate::clients::rules::{Rule, answers, bodies, parameters, schemas};
use crate::clients::tool::Tool;

/// Clients in TypeScript.
pub struct TypeScript;

static GENERATOR: Tool = Tool {
    program: "openapi-ts",
    variable: "OPENAPI_TS",
    version_arguments: &["--version"],
    version: "0.99.0",
    install: "npm install -g @hey-api/openapi-ts@0.99.0 typescript@5.9.3",
};

const RULES: &[Rule] = &[
    Rule::document(schemas::plain_content_types),
    Rule::document(schemas::plain_references),
    Rule::operation(
        "`auth` signs in by the first of several ways; headers do by another",
        parameters::first_credentials,
    ),
    Rule::operation("the body is JSON, where a form does as well", bodies::no_form_beside_json),
    Rule::operation("the body is bytes, a `Blob`, whatever the content type", bodies::one_content_type),
    Rule::operation("of several answers JSON alone is typed", answers::one_content_type),
    Rule::operation(
        "the answer is bytes, a `Blob`; with `parseAs: 'stream'` they are `response.body`, as they arrive",
        answers::bytes,
    ),
];

const CONFIG: &str = "\
export default {
  input: 'openapi.json',
  output: { path: 'src', module: { extension: '.js' } },
  plugins: ['@hey-api/client-fetch'],
};
";

const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "target": "ES2022",
    "module": "NodeNext",
    "lib": ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    "types": [],
    "rootDir": "src",
    "outDir": "dist",
    "declaration": true,
    "strict": true,
    "skipLibCheck": true
  },
  "include": ["src"]
}
"#;

impl Language for TypeScript {
    fn name(&self) -> &'static str {
        "typescript"
    }

    fn title(&self) -> &'static str {
        "TypeScript"
    }

    fn rules(&self) -> &'static [Rule] {
        RULES
    }

    fn generator(&self) -> &'static Tool {
        &GENERATOR
    }

    fn generate(&self, project: &Project) -> Result<(), String> {
        project.write("package.json", &package(project))?;
        project.write("tsconfig.json", TSCONFIG)?;
        project.write("config.mjs", CONFIG)?;
        GENERATOR.run(&["--file", "config.mjs", "--no-log-file", "--silent"], &project.directory)?;
        project.remove("config.mjs")?;
        // Everything that the functions take can be had from the package itself.
        let index = project.read("src/index.ts")?;
        project.write("src/index.ts", &format!("{index}export * from './client/index.js';\n"))
    }
}

fn package(project: &Project) -> String {
    let (name, version) = (project.package("-"), project.document.version());
    format!(
        r#"{{
  "name": "{name}",
  "version": "{version}",
  "type": "module",
  "exports": {{ ".": {{ "types": "./dist/index.d.ts", "default": "./dist/index.js" }} }},
  "files": ["dist"],
  "scripts": {{ "build": "tsc", "prepare": "tsc" }},
  "devDependencies": {{ "typescript": "5.9.3" }}
}}
"#
    )
}
