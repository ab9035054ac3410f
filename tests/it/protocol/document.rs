//! The committed documents, as requests that can be sent.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::wire::Message;

/// One operation of one product.
#[derive(Clone)]
pub struct Operation {
    /// The whole document.
    pub document: Value,
    /// `method path` and the product, for messages.
    pub label: String,
    /// In upper case.
    pub method: String,
    /// The path as the document has it.
    pub template: String,
    /// The path with the examples of its parameters in it.
    pub path: String,
    /// Every method of the path, in upper case.
    pub path_methods: Vec<String>,
    /// The part of the document about this operation.
    pub described: Value,
    parameters: Vec<Value>,
}

/// Every operation of every product's document.
pub fn operations() -> Vec<Operation> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json") && file.file_stem().unwrap() != "boathouse");
    files.sort();
    assert!(!files.is_empty());
    let operations: Vec<Operation> = files.iter().flat_map(|file| of_document(file)).collect();
    assert!(!operations.is_empty());
    operations
}

fn of_document(file: &Path) -> Vec<Operation> {
    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let document: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let product = file.file_stem().unwrap().to_str().unwrap();
    let mut found = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        let methods: Vec<&str> = METHODS.into_iter().filter(|method| item.get(method).is_some()).collect();
        for method in &methods {
            let described = item[method].clone();
            let of_path = item["parameters"].as_array().into_iter().flatten();
            let parameters = of_path.chain(described["parameters"].as_array().into_iter().flatten());
            let parameters: Vec<Value> = parameters.map(|node| resolved(&document, node).clone()).collect();
            found.push(Operation {
                label: format!("{product}: {} {template}", method.to_uppercase()),
                method: method.to_uppercase(),
                template: template.clone(),
                path: filled(&document, template, &parameters),
                path_methods: methods.iter().map(|method| method.to_uppercase()).collect(),
                document: document.clone(),
                described,
                parameters,
            });
        }
    }
    found
}

/// The path with an example in place of every parameter.
fn filled(document: &Value, template: &str, parameters: &[Value]) -> String {
    let of_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
    let path = of_path.fold(template.to_owned(), |path, parameter| {
        let name = parameter["name"].as_str().unwrap();
        path.replace(&format!("{{{name}}}"), &encoded(&text(&example(document, parameter))))
    });
    assert!(!path.contains('{'), "{path} has a parameter that is not described");
    path
}

/// The node, or what its `$ref` names.
pub fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        None => node,
        Some(reference) => {
            let target = document.pointer(reference.strip_prefix('#').unwrap());
            resolved(document, target.unwrap_or_else(|| panic!("{reference} is not there")))
        }
    }
}

/// The example of a parameter or of a body's media type.
fn example(document: &Value, node: &Value) -> Value {
    let schema = resolved(document, &node["schema"]);
    let first = node["examples"].as_object().and_then(|examples| examples.values().next());
    let candidates = [
        node.get("example"),
        first.map(|example| &resolved(document, example)["value"]),
        schema.get("example"),
        schema.get("default"),
        schema["enum"].get(0),
    ];
    let found = candidates.into_iter().flatten().next();
    found.cloned().unwrap_or_else(|| {
        // What has no example may hold anything of its type.
        match schema["type"].as_str() {
            Some("integer" | "number") => Value::from(schema["minimum"].as_i64().unwrap_or(1)),
            Some("boolean") => Value::from(true),
            Some("object") => Value::Object(serde_json::Map::new()),
            Some("array") => Value::Array(Vec::new()),
            _ => Value::from("x"),
        }
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Percent-encodes everything that could mean something in a URL.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Operation {
    /// Whether who calls must be known.
    pub fn secured(&self) -> bool {
        let global = self.document.get("security");
        let needed = self.described.get("security").or(global).and_then(Value::as_array);
        needed.is_some_and(|needed| {
            !needed.is_empty() && needed.iter().all(|one| one != &Value::Object([].into_iter().collect()))
        })
    }

    /// `name=value` of every required parameter of the query string.
    pub fn required(&self) -> Vec<(String, String)> {
        let wanted = |parameter: &&Value| parameter["in"] == "query" && parameter["required"] == true;
        self.parameters.iter().filter(wanted).map(|parameter| self.pair(parameter)).collect()
    }

    /// Names of parameters of the query string that take one value.
    pub fn single(&self) -> Vec<(String, String)> {
        let single = |parameter: &&Value| {
            parameter["in"] == "query" && resolved(&self.document, &parameter["schema"])["type"] != "array"
        };
        self.parameters.iter().filter(single).map(|parameter| self.pair(parameter)).collect()
    }

    fn pair(&self, parameter: &Value) -> (String, String) {
        (parameter["name"].as_str().unwrap().to_owned(), text(&example(&self.document, parameter)))
    }

    /// The path with these parameters.
    pub fn target(&self, query: &[(String, String)]) -> String {
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        if pairs.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, pairs.join("&")) }
    }

    /// The media types of the body.
    pub fn media_types(&self) -> Vec<String> {
        let content = resolved(&self.document, &self.described["requestBody"])["content"].as_object();
        content.into_iter().flatten().map(|(media_type, _)| media_type.clone()).collect()
    }

    pub fn takes_body(&self) -> bool {
        !self.media_types().is_empty()
    }

    /// Whether nothing is done without one.
    pub fn needs_body(&self) -> bool {
        self.takes_body() && resolved(&self.document, &self.described["requestBody"])["required"] == true
    }

    /// Whether the body is JSON and nothing else.
    pub fn takes_json(&self) -> bool {
        self.media_types() == ["application/json"]
    }

    /// Whether it is one JSON object with known properties: those have a largest size of 1 MiB, rows and files may be
    /// larger.
    pub fn takes_object(&self) -> bool {
        let body = resolved(&self.document, &self.described["requestBody"]);
        let schema = resolved(&self.document, &body["content"]["application/json"]["schema"]);
        self.takes_json() && schema["properties"].is_object()
    }

    /// The request as the document's examples have it, without credentials.
    pub fn message(&self) -> Message {
        let mut message = Message::new(&self.method, &self.target(&self.required()));
        for parameter in self.parameters.iter().filter(|found| found["in"] == "header" && found["required"] == true) {
            let (name, value) = self.pair(parameter);
            message = message.header(&name, &value);
        }
        if let Some(media_type) = self.media_types().first() {
            let content = &resolved(&self.document, &self.described["requestBody"])["content"][media_type];
            let body = example(&self.document, content);
            message = message.header("Content-Type", media_type).body(text(&body));
        }
        message
    }
}
