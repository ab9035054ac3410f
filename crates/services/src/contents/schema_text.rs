//! The statements that made what is in a database.

use model::{ObjectKind, Result, SchemaObject};

use super::definitions;
use super::reader::Reader;

/// All of them, a line feed after each, as `.schema` of the `sqlite3` shell prints them.
pub(super) async fn of(reader: &Reader<'_>) -> Result<String> {
    let database = reader.visit.opened.database.as_ref();
    let mut text = String::new();
    match database.as_file() {
        Some(file) => {
            for object in file.objects().await? {
                let columns = match object.kind {
                    ObjectKind::View => view_columns(reader, &object).await,
                    _ => None,
                };
                text.extend(printed(&object, columns));
            }
        }
        None => {
            for defined in definitions::all(reader).await? {
                text.extend(defined.definition.sql.map(|sql| format!("{sql};\n")));
            }
        }
    }
    Ok(text)
}

/// A view that names what is no more has no columns; the shell leaves out their list then.
async fn view_columns(reader: &Reader<'_>, view: &SchemaObject) -> Option<Vec<String>> {
    let definition = reader.visit.opened.database.definition(&view.name).await.ok()?;
    let names: Vec<String> = definition.columns.into_iter().map(|column| column.name).collect();
    (!names.is_empty()).then_some(names)
}

fn printed(object: &SchemaObject, columns: Option<Vec<String>>) -> Option<String> {
    let sql = object.sql.as_deref()?;
    // The shell prints a table whose name is in quotes so that running it twice does no harm.
    let quoted = sql.strip_prefix("CREATE TABLE ").filter(|rest| rest.starts_with(['"', '\'']));
    let sql = quoted.map_or_else(|| sql.to_owned(), |rest| format!("CREATE TABLE IF NOT EXISTS {rest}"));
    let columns = columns.map_or_else(String::new, |names| {
        let names: Vec<String> = names.iter().map(|name| plain_or_quoted(name)).collect();
        format!("\n/* {}({}) */", plain_or_quoted(&object.name), names.join(","))
    });
    Some(format!("{sql}{columns};\n"))
}

fn plain_or_quoted(name: &str) -> String {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    if plain { name.to_owned() } else { super::select::quoted(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_printed_as_the_shell_prints_them() {
        let object = |name: &str, kind, sql: Option<&str>| SchemaObject {
            name: name.to_owned(),
            table: name.to_owned(),
            kind,
            root_page: 0,
            sql: sql.map(str::to_owned),
        };
        // What `.schema` of sqlite3 3.40 prints of the same objects.
        let table = object("t", ObjectKind::Table, Some("CREATE TABLE \"t\" (a)"));
        assert_eq!(printed(&table, None).unwrap(), "CREATE TABLE IF NOT EXISTS \"t\" (a);\n");
        let view = object("v", ObjectKind::View, Some("CREATE VIEW v AS SELECT a, 1 AS \"x y\" FROM t"));
        let columns = vec!["a".to_owned(), "x y".to_owned()];
        let expected = "CREATE VIEW v AS SELECT a, 1 AS \"x y\" FROM t\n/* v(a,\"x y\") */;\n";
        assert_eq!(printed(&view, Some(columns)).unwrap(), expected);
        assert_eq!(printed(&object("i", ObjectKind::Index, None), None), None);
    }
}
