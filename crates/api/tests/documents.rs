//! The committed documents are those of the code. `UPDATE=1 cargo test --release -p api --test documents` rewrites them.

use std::path::Path;

use api::{Document, Product, document};

fn compare(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "openapi/{file} differs from the code; write it with `cargo run --release -p codegen`");
}

fn compare_both(name: &str, document: &Document) {
    compare(&format!("{name}.json"), document.to_json());
    compare(&format!("{name}.yaml"), document.to_yaml());
}

#[test]
fn committed_documents_are_those_of_the_code() {
    compare_both("boathouse", document(None));
    for &product in Product::ALL {
        compare_both(product.as_str(), document(Some(product)));
    }
}

#[test]
fn yaml_says_what_json_says() {
    for product in Product::ALL.iter().copied().map(Some).chain([None]) {
        let json: serde_json::Value = serde_json::from_str(document(product).to_json()).unwrap();
        let yaml: serde_json::Value = serde_yaml::from_str(document(product).to_yaml()).unwrap();
        assert_eq!(json, yaml);
    }
}

#[test]
fn the_merged_document_is_the_union_of_the_products() {
    let operations = |document: &Document| -> Vec<String> {
        let json: serde_json::Value = serde_json::from_str(document.to_json()).unwrap();
        let paths = json["paths"].as_object().unwrap();
        let ids = paths.values().flat_map(|path| path.as_object().unwrap().values());
        ids.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect()
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let products = Product::ALL.iter().flat_map(|&product| operations(document(Some(product))));
    assert_eq!(sorted(operations(document(None))), sorted(products.collect()));
}
