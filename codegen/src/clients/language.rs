//! What a language is to `codegen clients`.

use super::project::Project;
use super::rules::Rule;
use super::tool::Tool;

/// A language that clients are generated in.
pub trait Language: Sync {
    /// Its name on the command line and as a folder.
    fn name(&self) -> &'static str;

    /// Its name in text.
    fn title(&self) -> &'static str;

    /// How documents are put into what the generator can express, in order.
    fn rules(&self) -> &'static [Rule];

    /// The generator.
    fn generator(&self) -> &'static Tool;

    /// Fills the project's empty directory from the project's document, so that the language's own tools can build it.
    /// The error says which tool is missing or what it printed.
    fn generate(&self, project: &Project) -> Result<(), String>;
}
