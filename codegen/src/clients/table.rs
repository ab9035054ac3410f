//! The table of operations and languages in the documentation.

use std::path::{Path, PathBuf};

use super::document::{Document, MERGED};
use super::languages;
use super::rules::{self, Effect, Outcome};

const BEGIN: &str = "<!-- written by codegen: begin -->\n";
const END: &str = "<!-- written by codegen: end -->";

/// What a language's users are told, and the title of the language.
type Note = (&'static str, &'static str);

/// A line for each operation of each product, a column for each language, and below what the numbers mean.
pub fn of(documents: &[Document]) -> String {
    let products: Vec<&Document> = documents.iter().filter(|document| document.name != MERGED).collect();
    // By language, product and operation.
    let outcomes = languages::ALL.map(|language| {
        let of_product = |document: &&Document| rules::apply(language.rules(), document).1;
        (language.title(), products.iter().map(of_product).collect::<Vec<_>>())
    });
    let mut notes: Vec<Note> = Vec::new();
    for (title, products) in &outcomes {
        for note in products.iter().flatten().flat_map(|outcome| &outcome.notes) {
            if !notes.contains(&(title, note)) {
                notes.push((title, note));
            }
        }
    }
    let titles = outcomes.each_ref().map(|(title, _)| *title);
    let mut text = format!("| operation | {} |\n|{}\n", titles.join(" | "), "---|".repeat(titles.len() + 1));
    for (product, document) in products.iter().enumerate() {
        for operation in 0..outcomes[0].1[product].len() {
            let cells = outcomes.each_ref().map(|(title, of)| cell(title, &of[product][operation], &notes));
            let name = &outcomes[0].1[product][operation].operation;
            text += &format!("| {} `{name}` | {} |\n", document.name, cells.join(" | "));
        }
    }
    text += "\n";
    for (number, (title, note)) in notes.iter().enumerate() {
        text += &format!("{}. {title}: {note}.\n", number + 1);
    }
    text
}

fn cell(title: &'static str, outcome: &Outcome, notes: &[Note]) -> String {
    let word = match outcome.effect {
        Effect::None | Effect::Adapted => "works",
        Effect::Limited => "limited",
        Effect::LeftOut => "no",
    };
    let number = |&note: &&'static str| notes.iter().position(|&known| known == (title, note));
    let numbers: Vec<String> =
        outcome.notes.iter().filter_map(number).map(|position| (position + 1).to_string()).collect();
    if numbers.is_empty() { word.to_owned() } else { format!("{word} ({})", numbers.join(", ")) }
}

/// The page that has the table, with the table of the committed documents in it.
pub fn page() -> Result<(PathBuf, String), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/clients.md");
    let text = std::fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("{} has no place for the table: {BEGIN}", path.display()))?;
    let table = of(&Document::all(&super::committed())?);
    Ok((path, format!("{before}{BEGIN}\n{table}\n{END}{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_each_operation_of_each_product_and_what_becomes_of_it() {
        let product = Document::from_json(
            "shop",
            r#"{"paths": {"/a": {"post": {"operationId": "send", "requestBody": {"content": {"multipart/form-data": {}}}},
                                 "get": {"operationId": "read"}}}}"#,
        );
        let merged = Document::from_json(MERGED, r#"{"paths": {"/b": {"get": {"operationId": "all"}}}}"#);
        let expected = "\
| operation | Python | TypeScript | Rust | Java | Go |
|---|---|---|---|---|---|
| shop `send` | works | works | no (1) | works | works |
| shop `read` | works | works | works | works | works |

1. Rust: the generator has no bodies in parts.
";
        assert_eq!(of(&[merged, product]), expected);
    }
}
