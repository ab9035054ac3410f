//! Writes the OpenAPI documents under `openapi/` and what follows from them in `docs/`; with `--check` it only says what
//! differs from the code. `codegen release` keeps the documents as they are released, `codegen clients` makes client projects
//! from them.
//!
//! Needs neither a server nor a database: the documents come from the types of the crate `api`.

mod clients;
mod release;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use api::Product;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => write(),
        ["--check"] => check(),
        ["release"] => release::run(),
        ["clients", ref arguments @ ..] => clients::run(arguments),
        _ => Err(format!("usage: codegen [--check]\n       {}\n       {}", release::USAGE, clients::USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Every file under `openapi/` with what has to stand in it.
fn files() -> Vec<(PathBuf, &'static str)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let products = Product::ALL.iter().map(|&product| (product.as_str(), Some(product)));
    let named = products.chain([("boathouse", None)]);
    named
        .flat_map(|(name, product)| {
            let document = api::document(product);
            let at = |format| folder.join(format!("{name}.{format}"));
            [(at("json"), document.to_json()), (at("yaml"), document.to_yaml())]
        })
        .collect()
}

fn write() -> Result<(), String> {
    for (path, text) in files() {
        put(&path, text)?;
    }
    // It is made from the documents as they are written now.
    let (path, text) = clients::table::page()?;
    put(&path, &text)
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("every file is in a folder");
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    written.map_err(|cause| format!("cannot write {}: {cause}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn check() -> Result<(), String> {
    let mut stale = Vec::new();
    let (page, table) = clients::table::page()?;
    let files = files().into_iter().map(|(path, text)| (path, text.to_owned()));
    for (path, text) in files.chain([(page, table)]) {
        match std::fs::read_to_string(&path) {
            Ok(found) if found == text => {}
            Ok(_) => stale.push(format!("{} differs from the code", path.display())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                stale.push(format!("{} is missing", path.display()))
            }
            Err(cause) => return Err(format!("cannot read {}: {cause}", path.display())),
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    stale.push("run `cargo run --release -p codegen` to write them".to_owned());
    Err(stale.join("\n"))
}
