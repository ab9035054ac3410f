//! The pass that links operations: where one gives an id that another takes, readers and stateful tests can follow.
//!
//! The rule. *Names* are compared without letter case, with `-` as `_`, and headers without a leading `x-`: the header
//! `X-Query-Id` and the property `query_id` are one name. An *identifier* is a name that is `uuid` or ends in `_id` or
//! `_uuid`. An operation *takes* its path parameters and its required query parameters. What an operation *gives* is,
//! the first that has a name winning: the headers of its answer, the properties of an answer that is a JSON object, the
//! properties of its JSON request, its own parameters.
//!
//! A success answer of operation A gets a link to operation B, named after B, if B takes an identifier, A gives every
//! identifier that B takes, and one of those comes from the answer or the request body: parameters that two operations
//! share lead nowhere new. What else B takes is filled in where A gives it. A link of that name that is there stays.

use serde_yaml::{Mapping, Value};

use super::tree::{Operation, Tree, entries, items, mapping_at, operations, operations_mut, resolved};

/// Something that an operation takes.
struct Taken {
    name: String,
    parameter: String,
}

/// An operation that ids can be given to.
struct Taker {
    id: String,
    taken: Vec<Taken>,
}

/// Something that an operation gives: the runtime expression for it.
struct Given {
    name: String,
    expression: String,
    /// Comes from the answer or the request body.
    new: bool,
}

/// Adds the links that follow from the names.
///
/// # Errors
/// Where `links` is there and no mapping.
pub fn derive(document: &mut Tree) -> Result<(), String> {
    let operations_before = operations(document);
    let takers: Vec<Taker> = operations_before.iter().filter_map(taker).collect();
    let mut found = Vec::new();
    for (place, operation) in operations_before.iter().enumerate() {
        let successes = entries(&operation.node["responses"]).filter(|(status, _)| status.starts_with('2'));
        for (status, response) in successes {
            let given = given(document, operation, response);
            let others = takers.iter().filter(|taker| taker.id != operation.id);
            let links = others.filter_map(|taker| Some((taker.id.clone(), link(taker, &given)?)));
            found.push((place, status.to_owned(), links.collect::<Vec<_>>()));
        }
    }
    let mut operations = operations_mut(document);
    for (place, status, links) in found {
        let response = &mut operations[place]["responses"][status.as_str()];
        for (name, link) in links {
            mapping_at(response, "links")?.entry(name.into()).or_insert(link);
        }
    }
    Ok(())
}

fn taker(operation: &Operation) -> Option<Taker> {
    let parameters = items(&operation.node["parameters"]);
    let needed = parameters
        .filter(|parameter| parameter["in"] == "path" || (parameter["in"] == "query" && parameter["required"] == true));
    let names = needed.filter_map(|parameter| parameter["name"].as_str());
    let taken: Vec<Taken> =
        names.map(|parameter| Taken { name: normal(parameter), parameter: parameter.to_owned() }).collect();
    taken.iter().any(|taken| is_identifier(&taken.name)).then(|| Taker { id: operation.id.to_owned(), taken })
}

fn given(document: &Tree, operation: &Operation, response: &Tree) -> Vec<Given> {
    let headers = entries(&response["headers"]).map(|(header, _)| {
        let name = normal(header);
        let name = name.strip_prefix("x_").unwrap_or(&name).to_owned();
        Given { name, expression: format!("$response.header.{}", header.to_ascii_lowercase()), new: true }
    });
    let body = |node, at: &'static str| {
        properties(document, node).into_iter().map(move |property| Given {
            name: normal(property),
            expression: format!("${at}.body#/{}", property.replace('~', "~0").replace('/', "~1")),
            new: true,
        })
    };
    let parameters = items(&operation.node["parameters"]).filter_map(|parameter| {
        let (name, place) = (parameter["name"].as_str()?, parameter["in"].as_str()?);
        Some(Given { name: normal(name), expression: format!("$request.{place}.{name}"), new: false })
    });
    let bodies = body(response, "response").chain(body(&operation.node["requestBody"], "request"));
    headers.chain(bodies).chain(parameters).collect()
}

/// The properties of the JSON object that a request or an answer is.
fn properties<'a>(document: &'a Tree, node: &'a Tree) -> Vec<&'a str> {
    let json = entries(&node["content"]).find(|(media, _)| {
        let media = media.split(';').next().unwrap_or_default().trim();
        media == "application/json" || media.ends_with("+json")
    });
    let schema = json.map(|(_, media)| resolved(document, &media["schema"]));
    let parts = schema.into_iter().flat_map(|schema| {
        let all_of = items(&schema["allOf"]).map(|part| resolved(document, part));
        std::iter::once(schema).chain(all_of)
    });
    parts.flat_map(|part| entries(&part["properties"])).map(|(name, _)| name).collect()
}

fn link(taker: &Taker, given: &[Given]) -> Option<Value> {
    let mut parameters = Mapping::new();
    let mut new = Vec::new();
    for taken in &taker.taken {
        match given.iter().find(|given| given.name == taken.name) {
            Some(found) => {
                parameters.insert(taken.parameter.as_str().into(), found.expression.as_str().into());
                if found.new && is_identifier(&taken.name) {
                    new.push(format!("`{}`", taken.parameter));
                }
            }
            None if is_identifier(&taken.name) => return None,
            None => {}
        }
    }
    let description = format!("`{}` takes the {} of this request or its answer.", taker.id, new.join(" and the "));
    let link = [
        ("operationId", Value::from(taker.id.as_str())),
        ("parameters", Value::Mapping(parameters)),
        ("description", Value::from(description)),
    ];
    (!new.is_empty()).then(|| Value::Mapping(link.map(|(key, value)| (Value::from(key), value)).into_iter().collect()))
}

fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn is_identifier(name: &str) -> bool {
    name == "uuid" || name.ends_with("_id") || name.ends_with("_uuid")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::read;

    /// The responses of the first operation, with links.
    fn links_of_first(paths: &str) -> Value {
        let schemas = r##"{"Made":{"allOf":[{"$ref":"#/components/schemas/Task"}]},
            "Task":{"properties":{"task_id":{},"state":{}}},"Run":{"properties":{"query_id":{},"statement":{}}}}"##;
        let text = format!(r##"{{"paths":{{{paths}}},"components":{{"schemas":{schemas}}}}}"##);
        let mut tree = read(&text).unwrap();
        derive(&mut tree).unwrap();
        tree["paths"]["/first"]["post"]["responses"]["200"]["links"].clone()
    }

    const QUERY: &str = r##""/query/{query_id}":{
        "get":{"operationId":"get_query","parameters":[{"name":"query_id","in":"path"}],"responses":{}},
        "delete":{"operationId":"cancel_query","responses":{},"parameters":[{"name":"query_id","in":"path"},
            {"name":"session_id","in":"query","required":true},{"name":"reason_id","in":"query"}]}},
        "/tasks/{task_id}":{"get":{"operationId":"get_task","parameters":[{"name":"task_id","in":"path"}],"responses":{}}},
        "/tables/{table}":{"get":{"operationId":"get_table","parameters":[{"name":"table","in":"path"}],"responses":{}}}"##;

    fn first(rest: &str) -> Value {
        links_of_first(&format!(r#""/first":{{"post":{{"operationId":"first",{rest}}}}},{QUERY}"#))
    }

    #[test]
    fn headers_lead_to_what_takes_their_names() {
        let links = first(r#""responses":{"200":{"headers":{"X-Query-Id":{},"x-session-id":{},"X-Table":{}}}}"#);
        let expected: Value = serde_yaml::from_str(
            r#"
get_query:
  operationId: get_query
  parameters: {query_id: $response.header.x-query-id}
  description: '`get_query` takes the `query_id` of this request or its answer.'
cancel_query:
  operationId: cancel_query
  parameters: {query_id: $response.header.x-query-id, session_id: $response.header.x-session-id}
  description: '`cancel_query` takes the `query_id` and the `session_id` of this request or its answer.'
"#,
        )
        .unwrap();
        assert_eq!(links, expected);
    }

    #[test]
    fn answers_and_requests_lead_on_too() {
        let answered = r##""responses":{"200":{"content":{"application/json; charset=utf-8":{"schema":{"$ref":"#/components/schemas/Made"}}}}}"##;
        assert_eq!(first(answered)["get_task"]["parameters"]["task_id"], "$response.body#/task_id");
        let asked = r##""requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Run"}}}},"responses":{"200":{}}"##;
        let links = first(asked);
        assert_eq!(links["get_query"]["parameters"]["query_id"], "$request.body#/query_id");
        assert!(links.get("cancel_query").is_none(), "it needs a session as well");
    }

    #[test]
    fn what_else_is_taken_is_filled_in() {
        let links = first(
            r#""parameters":[{"name":"session_id","in":"query"}],"responses":{"200":{"headers":{"x-query-id":{}}}}"#,
        );
        assert_eq!(links["cancel_query"]["parameters"]["session_id"], "$request.query.session_id");
    }

    #[test]
    fn nothing_else_leads_anywhere() {
        let none = |rest| assert!(first(rest).is_null(), "{:?}", first(rest));
        none(r#""parameters":[{"name":"query_id","in":"path"}],"responses":{"200":{}}"#);
        none(r#""responses":{"200":{"headers":{"x-table":{},"x-id":{}}},"400":{"headers":{"x-query-id":{}}}}"#);
    }

    #[test]
    fn a_link_that_is_there_stays() {
        let links =
            first(r#""responses":{"200":{"headers":{"x-query-id":{}},"links":{"get_query":{"operationId":"own"}}}}"#);
        assert_eq!(links["get_query"]["operationId"], "own");
    }
}
