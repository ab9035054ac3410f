//! What the caller of `codegen clients` wants.

use std::path::PathBuf;

use super::USAGE;
use super::language::Language;
use super::languages;

/// The arguments, checked.
pub struct Arguments {
    /// The folder of documents; the committed ones if it is not given.
    pub from: Option<PathBuf>,
    /// What to do with them.
    pub wanted: Wanted,
}

/// What to do.
pub enum Wanted {
    /// Print the table of operations and languages.
    Table,
    /// Write client projects.
    Projects {
        /// For these languages.
        languages: Vec<&'static dyn Language>,
        /// From the documents of these names; all of them if there are none.
        names: Vec<String>,
        /// Into this folder.
        to: PathBuf,
    },
}

impl Arguments {
    /// Reads the words of a command line. The error says which word is wrong and what would be right.
    pub fn read(words: &[&str]) -> Result<Self, String> {
        let (mut from, mut to, mut table) = (None, None, false);
        let (mut chosen, mut names) = (Vec::new(), Vec::new());
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = || words.next().ok_or_else(|| wrong(&format!("{word} takes a value")));
            match word {
                "--table" => table = true,
                "--from" => from = Some(PathBuf::from(value()?)),
                "--to" => to = Some(PathBuf::from(value()?)),
                "--document" => names.push((*value()?).to_owned()),
                option if option.starts_with('-') => return Err(wrong(&format!("there is no option {option}"))),
                name => chosen.push(languages::named(name).ok_or_else(|| unknown(name))?),
            }
        }
        let wanted = match (table, to) {
            (true, None) if chosen.is_empty() && names.is_empty() => Wanted::Table,
            (true, _) => return Err(wrong("--table goes with --from alone")),
            (false, None) => return Err(wrong("--to is missing: the directory that the projects go to")),
            (false, Some(to)) => {
                let languages = if chosen.is_empty() { languages::ALL.to_vec() } else { chosen };
                Wanted::Projects { languages, names, to }
            }
        };
        Ok(Self { from, wanted })
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = languages::ALL.iter().map(|language| language.name()).collect();
    wrong(&format!("there is no language {name:?}; there are {}", known.join(", ")))
}

fn wrong(what: &str) -> String {
    format!("{what}\nusage: {USAGE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_languages_documents_and_directories() {
        let read = Arguments::read(&["rust", "--document", "altertable", "go", "--to", "out"]).unwrap();
        let Wanted::Projects { languages, names, to } = read.wanted else { panic!("not the table") };
        assert_eq!(languages.iter().map(|language| language.name()).collect::<Vec<_>>(), ["rust", "go"]);
        assert_eq!((names, to), (vec!["altertable".to_owned()], PathBuf::from("out")));
    }

    #[test]
    fn says_what_is_wrong() {
        for (words, expected) in [
            (&["cobol", "--to", "x"][..], "there is no language \"cobol\"; there are python, "),
            (&["python"], "--to is missing"),
            (&["--to"], "--to takes a value"),
            (&["--out", "x"], "there is no option --out"),
            (&["--table", "--to", "x"], "--table goes with --from alone"),
        ] {
            let error = Arguments::read(words).err().expect("wrong arguments are refused");
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
