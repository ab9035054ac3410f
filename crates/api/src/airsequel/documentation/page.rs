//! The page: contents, and a section an operation.

use serde_json::Value;

use super::schema::{self, Property};
use crate::html::{self, Html};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation as the page shows it.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    node: &'a Value,
}

impl Operation<'_> {
    fn text(&self, key: &str) -> &str {
        self.node[key].as_str().unwrap_or_default()
    }

    fn tag(&self) -> &str {
        self.node["tags"][0].as_str().unwrap_or_default()
    }
}

/// The page that documents one of our own documents.
pub fn page(json: &str) -> Html {
    let document: Value = serde_json::from_str(json).expect("our documents are OpenAPI documents");
    let operations = operations(&document);
    let tags: Vec<&Value> = document["tags"].as_array().into_iter().flatten().collect();
    let of_tag = |tag: &Value| -> Vec<&Operation> {
        operations.iter().filter(|operation| Some(operation.tag()) == tag["name"].as_str()).collect()
    };
    let text = |key: &str| document["info"][key].as_str().unwrap_or_default();
    let values = [
        ("title", Html::text(text("title"))),
        ("version", Html::text(text("version"))),
        ("description", paragraphs(text("description"))),
        ("contents", tags.iter().map(|tag| contents(tag, &of_tag(tag))).collect()),
        ("tags", tags.iter().map(|tag| section(&document, tag, &of_tag(tag))).collect()),
    ];
    html::fill(include_str!("page.html"), &values)
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, node)| {
        METHODS.into_iter().filter_map(move |method| {
            let node = node.get(method)?;
            Some(Operation { method, path, node })
        })
    });
    each.collect()
}

fn paragraphs(text: &str) -> Html {
    let paragraph = |text| html::fill("<p>{{text}}</p>\n", &[("text", Html::prose(text))]);
    text.split("\n\n").filter(|text| !text.trim().is_empty()).map(paragraph).collect()
}

fn contents(tag: &Value, operations: &[&Operation<'_>]) -> Html {
    let entries = operations.iter().map(|operation| {
        let values = [
            ("id", Html::text(operation.text("operationId"))),
            ("method", Html::text(operation.method)),
            ("METHOD", Html::text(&operation.method.to_uppercase())),
            ("path", Html::text(operation.path)),
        ];
        html::fill(include_str!("entry.html"), &values)
    });
    let values = [("name", Html::text(tag["name"].as_str().unwrap_or_default())), ("entries", entries.collect())];
    html::fill(include_str!("contents.html"), &values)
}

fn section(document: &Value, tag: &Value, operations: &[&Operation<'_>]) -> Html {
    let text = |key: &str| tag[key].as_str().unwrap_or_default();
    let values = [
        ("name", Html::text(text("name"))),
        ("id", Html::text(&text("name").to_lowercase().replace(' ', "-"))),
        ("description", Html::prose(text("description"))),
        ("operations", operations.iter().map(|one| operation(document, one)).collect()),
    ];
    html::fill(include_str!("tag.html"), &values)
}

fn operation(document: &Value, operation: &Operation<'_>) -> Html {
    let answers = operation.node["responses"].as_object().into_iter().flatten();
    // Refusals are the same everywhere, and said once.
    let answers = answers.filter(|(status, _)| status.starts_with(['2', '3']));
    let values = [
        ("id", Html::text(operation.text("operationId"))),
        ("method", Html::text(operation.method)),
        ("METHOD", Html::text(&operation.method.to_uppercase())),
        ("path", Html::text(operation.path)),
        ("summary", Html::prose(operation.text("summary"))),
        ("description", paragraphs(operation.text("description"))),
        ("captures", parameters(document, operation, "path", "Captures")),
        ("query", parameters(document, operation, "query", "Query parameters")),
        ("body", body(document, operation)),
        ("answers", answers.map(|(status, answer)| self::answer(document, status, answer)).collect()),
    ];
    html::fill(include_str!("operation.html"), &values)
}

fn parameters(document: &Value, operation: &Operation<'_>, place: &str, title: &str) -> Html {
    let all = operation.node["parameters"].as_array().into_iter().flatten();
    let lines: Vec<Property> = all
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| Property {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            kind: schema::kind(document, &parameter["schema"]),
            required: parameter["required"] == true,
            description: parameter["description"].as_str().unwrap_or_default().to_owned(),
        })
        .collect();
    table(title, lines)
}

fn body(document: &Value, operation: &Operation<'_>) -> Html {
    let kinds = operation.node["requestBody"]["content"].as_object().into_iter().flatten();
    let bodies = kinds.map(|(media, content)| {
        let title = format!("Body, {media}");
        let lines = table(&title, schema::properties(document, &content["schema"]));
        // A form is no JSON, whatever its example looks like.
        let shown = if media == "application/json" { example(document, content) } else { Html::default() };
        [lines, shown].into_iter().collect::<Html>()
    });
    bodies.collect()
}

fn answer(document: &Value, status: &str, answer: &Value) -> Html {
    let kinds = answer["content"].as_object().into_iter().flatten();
    let contents: Html = kinds
        .clone()
        .map(|(_, content)| {
            let lines = table("Its properties", schema::properties(document, &content["schema"]));
            [lines, example(document, content)].into_iter().collect::<Html>()
        })
        .collect();
    let media: Vec<&str> = kinds.map(|(media, _)| media.split(';').next().unwrap_or_default()).collect();
    let values = [
        ("status", Html::text(status)),
        ("media", Html::text(&media.join(", "))),
        ("description", Html::prose(answer["description"].as_str().unwrap_or_default())),
        ("contents", contents),
    ];
    html::fill(include_str!("answer.html"), &values)
}

/// The first example of a body.
fn example(document: &Value, content: &Value) -> Html {
    let Some((_, found)) = content["examples"].as_object().into_iter().flatten().next() else { return Html::default() };
    let value = &schema::resolved(document, found)["value"];
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    html::fill("<pre tabindex=\"0\"><code>{{text}}</code></pre>\n", &[("text", Html::text(&text))])
}

fn table(title: &str, lines: Vec<Property>) -> Html {
    if lines.is_empty() {
        return Html::default();
    }
    let rows = lines.into_iter().map(|line| {
        let values = [
            ("name", Html::text(&line.name)),
            ("kind", Html::text(&line.kind)),
            ("need", Html::text(if line.required { "" } else { ", optional" })),
            ("description", Html::prose(&line.description)),
        ];
        html::fill(include_str!("line.html"), &values)
    });
    html::fill(include_str!("table.html"), &[("title", Html::text(title)), ("rows", rows.collect())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"{"info": {"title": "T", "version": "1", "description": "One.\n\nTwo `code`."},
      "tags": [{"name": "Things", "description": "What <there> is."}],
      "paths": {"/things/{thingId}": {
        "get": {"tags": ["Things"], "operationId": "get_thing", "summary": "Get a thing", "description": "It.",
          "parameters": [{"name": "thingId", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "Which."}],
          "responses": {"200": {"description": "Here.", "content": {"application/json; charset=utf-8": {
            "schema": {"type": "object", "properties": {"name": {"type": "string", "description": "<b>"}}},
            "examples": {"one": {"value": {"name": "<script>"}}}}}}, "404": {"description": "Gone."}}}}}}"##;

    #[test]
    fn every_operation_has_a_section_that_the_contents_lead_to() {
        let page = page(DOCUMENT).into_string();
        for wanted in [
            "<a href=\"#get_thing\">",
            "id=\"get_thing\"",
            ">GET<",
            ">/things/{thingId}<",
            "Captures",
            "Which.",
            "<p>Two <code>code</code>.</p>",
            "What &lt;there&gt; is.",
            "&quot;name&quot;: &quot;&lt;script&gt;&quot;",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("Gone."), "{page}");
    }
}
