//! Client projects in several languages, made from the committed documents by maintained generators.
//!
//! Each language has a file under `languages`: which generator, how it is called, and the rules by which a document is
//! put into what that generator can express. Rules look at shapes, never at single operations, so an operation that is
//! added later needs no edit here.

mod arguments;
mod document;
mod language;
mod languages;
mod project;
mod rules;
pub mod table;
mod tool;

use std::path::{Path, PathBuf};

use arguments::{Arguments, Wanted};
use document::Document;
use language::Language;
use project::Project;

/// What `codegen clients …` takes.
pub const USAGE: &str = "codegen clients [LANGUAGE…] [--document NAME]… [--from DIRECTORY] --to DIRECTORY
       codegen clients --table [--from DIRECTORY]";

/// Runs `codegen clients` with the arguments after that word.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let arguments = Arguments::read(arguments)?;
    let documents = Document::all(&arguments.from.unwrap_or_else(committed))?;
    match arguments.wanted {
        Wanted::Table => print!("{}", table::of(&documents)),
        Wanted::Projects { languages, names, to } => {
            let chosen = chosen(documents, &names)?;
            for language in languages {
                language.generator().check()?;
                for document in &chosen {
                    generate(language, document, &to)?;
                }
            }
        }
    }
    Ok(())
}

/// The folder of the committed documents.
fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

/// The documents of these names, or all of them if there are none.
fn chosen(documents: Vec<Document>, names: &[String]) -> Result<Vec<Document>, String> {
    let known: Vec<&str> = documents.iter().map(|document| document.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("there is no document {unknown:?}; there are {}", known.join(", ")));
    }
    let chosen = |document: &Document| names.is_empty() || names.contains(&document.name);
    Ok(documents.into_iter().filter(chosen).collect())
}

/// Writes `TO/LANGUAGE/DOCUMENT`, and says what had to be adapted.
fn generate(language: &dyn Language, document: &Document, to: &Path) -> Result<(), String> {
    let directory = to.join(language.name()).join(&document.name);
    let (adapted, outcomes) = rules::apply(language.rules(), document);
    let project = Project::start(adapted, directory)?;
    language.generate(&project)?;
    println!("wrote {}", project.directory.display());
    for outcome in outcomes {
        for note in &outcome.notes {
            println!("  {}: {note}", outcome.operation);
        }
    }
    Ok(())
}
