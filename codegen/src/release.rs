//! `codegen release`: keeps the documents as they are released, for the comparison with those that come after.

use std::path::{Path, PathBuf};

use api::Product;

/// What `codegen release` takes.
pub const USAGE: &str = "codegen release";

/// Breaking changes that were allowed since the last release; the next one starts without any.
const ALLOWED: &str = "allowed.json";

/// Replaces what is under `openapi/released/` with the documents of the code. The version stands in the documents.
///
/// # Errors
/// Says which file could not be read or written.
pub fn run() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/released");
    let told = |path: &Path, cause: std::io::Error| format!("cannot write {}: {cause}", path.display());
    std::fs::create_dir_all(&folder).map_err(|cause| told(&folder, cause))?;
    for path in left(&folder).map_err(|cause| told(&folder, cause))? {
        std::fs::remove_file(&path).map_err(|cause| told(&path, cause))?;
    }
    let products = Product::ALL.iter().map(|&product| (product.as_str(), Some(product)));
    for (name, product) in products.chain([("boathouse", None)]) {
        super::put(&folder.join(format!("{name}.json")), api::document(product).to_json())?;
    }
    super::put(&folder.join(ALLOWED), "[]\n")
}

/// What an earlier release left: a product may have gone since.
fn left(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths: std::io::Result<Vec<PathBuf>> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    Ok(paths?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "json")).collect())
}
