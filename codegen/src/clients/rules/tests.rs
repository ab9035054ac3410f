use serde_yaml::Value;

use super::*;

/// The operation after a rule, and what the rule says it did.
fn after(rule: fn(&mut Value) -> Effect, operation: &str) -> (Value, Effect) {
    let mut operation = value(operation);
    let effect = rule(&mut operation);
    (operation, effect)
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("the test's operation is JSON")
}

#[track_caller]
fn assert_after(rule: fn(&mut Value) -> Effect, before: &str, effect: Effect, expected: &str) {
    assert_eq!(after(rule, before), (value(expected), effect));
}

#[test]
fn an_operation_without_what_a_rule_is_about_stays_as_it_is() {
    let bare = r#"{"operationId": "ping", "responses": {"204": {"description": "Yes."}}}"#;
    let rules = [
        bodies::one_content_type,
        bodies::no_parts,
        bodies::with_bytes,
        answers::one_content_type,
        answers::bytes,
        answers::one_shape,
        answers::no_links,
        answers::ranges_alone,
        parameters::no_cookies,
        parameters::first_credentials,
    ];
    for rule in rules {
        assert_after(rule, bare, Effect::None, bare);
    }
}

#[test]
fn a_body_of_several_types_is_any_bytes_then_json_then_the_first() {
    let body = |types: &str| format!(r#"{{"requestBody": {{"content": {{{types}}}}}}}"#);
    for (offered, effect, kept) in [
        (
            r#""text/csv": 1, "application/json": 2, "application/octet-stream": 3"#,
            Effect::Adapted,
            r#""application/octet-stream": 3"#,
        ),
        (r#""text/csv": 1, "application/json": 2"#, Effect::Limited, r#""application/json": 2"#),
        (r#""text/csv": 1, "text/tsv": 2"#, Effect::Limited, r#""text/csv": 1"#),
        (r#""text/csv": 1"#, Effect::None, r#""text/csv": 1"#),
    ] {
        assert_after(bodies::one_content_type, &body(offered), effect, &body(kept));
    }
}

#[test]
fn an_answer_of_several_types_is_json_or_an_errors_text_or_bytes() {
    let bytes = r#""application/octet-stream": {"schema": {"type": "string", "format": "binary"}}"#;
    for (status, offered, effect, kept) in [
        ("200", r#""text/csv": 1, "application/json": 2"#, Effect::Limited, r#""application/json": 2"#),
        ("200", r#""text/csv": 1, "text/plain": 2"#, Effect::None, bytes),
        ("500", r#""text/csv": 1, "text/plain": 2"#, Effect::None, r#""text/plain": 2"#),
        ("200", r#""text/csv": 1"#, Effect::None, r#""text/csv": 1"#),
    ] {
        let answer = |types: &str| format!(r#"{{"responses": {{"{status}": {{"content": {{{types}}}}}}}}}"#);
        assert_after(answers::one_content_type, &answer(offered), effect, &answer(kept));
    }
}

#[test]
fn other_answers_than_json_and_text_are_bytes() {
    let before = r#"{"responses": {"200": {"content": {"text/csv": {}}}, "400": {"content": {"text/plain": {}}}}}"#;
    let bytes = r#"{"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}"#;
    let expected =
        format!(r#"{{"responses": {{"200": {{"content": {bytes}}}, "400": {{"content": {{"text/plain": {{}}}}}}}}}}"#);
    assert_after(answers::bytes, before, Effect::Adapted, &expected);
    let json = r#"{"responses": {"200": {"content": {"application/problem+json": {}}}}}"#;
    assert_after(answers::bytes, json, Effect::None, json);
}

#[test]
fn answers_of_several_shapes_get_one() {
    let json = |schema: &str| format!(r#"{{"content": {{"application/json": {{"schema": {schema}}}}}}}"#);
    let (a, b, any) = (json(r#"{"type": "string"}"#), json(r#"{"type": "object"}"#), json("{}"));
    let before = format!(r#"{{"responses": {{"200": {a}, "202": {b}, "400": {a}, "4XX": {a}}}}}"#);
    let expected = format!(r#"{{"responses": {{"200": {any}, "202": {any}, "400": {a}, "4XX": {a}}}}}"#);
    assert_after(answers::one_shape, &before, Effect::Limited, &expected);

    let bytes = r#"{"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}"#;
    let before = format!(r#"{{"responses": {{"200": {a}, "204": {{}}}}}}"#);
    let expected = format!(r#"{{"responses": {{"200": {bytes}, "204": {bytes}}}}}"#);
    assert_after(answers::one_shape, &before, Effect::Limited, &expected);
}

#[test]
fn a_range_takes_in_its_statuses() {
    let before = r#"{"responses": {"200": 1, "400": 2, "404": 3, "4XX": 4, "500": 5, "default": 6}}"#;
    let expected = r#"{"responses": {"200": 1, "4XX": 4, "500": 5, "default": 6}}"#;
    assert_after(answers::ranges_alone, before, Effect::None, expected);
}

#[test]
fn a_cookie_that_must_be_there_takes_the_operation_out() {
    let with = |required: bool| {
        let cookie = format!(r#"{{"name": "session", "in": "cookie", "required": {required}}}"#);
        format!(r#"{{"parameters": [{cookie}, {{"name": "limit", "in": "query"}}]}}"#)
    };
    let without = r#"{"parameters": [{"name": "limit", "in": "query"}]}"#;
    assert_after(parameters::no_cookies, &with(false), Effect::Limited, without);
    assert_after(parameters::no_cookies, &with(true), Effect::LeftOut, without);
}

#[test]
fn of_several_ways_to_sign_in_the_first_stays() {
    let before = r#"{"security": [{"Basic": []}, {"Bearer": []}]}"#;
    assert_after(parameters::first_credentials, before, Effect::Adapted, r#"{"security": [{"Basic": []}]}"#);
    let one = r#"{"security": [{"Basic": [], "Key": []}]}"#;
    assert_after(parameters::first_credentials, one, Effect::None, one);
}

#[test]
fn what_is_left_out_is_in_the_outcomes_and_not_in_the_document() {
    let document = Document::from_json(
        "x",
        r#"{"paths": {"/a": {"post": {"operationId": "send", "requestBody": {"content": {"multipart/form-data": {}}}},
                             "get": {"operationId": "read"}}}}"#,
    );
    let rules = [Rule::operation("parts", bodies::no_parts), Rule::operation("bytes", bodies::one_content_type)];
    let (mut adapted, outcomes) = apply(&rules, &document);
    assert_eq!(adapted.operations_mut().map(|(id, _)| id).collect::<Vec<_>>(), ["read"]);
    let outcomes: Vec<_> = outcomes.iter().map(|it| (it.operation.as_str(), it.effect, &it.notes[..])).collect();
    assert_eq!(outcomes, [("send", Effect::LeftOut, &["parts"][..]), ("read", Effect::None, &[][..])]);
}

#[test]
fn null_goes_from_enums_and_parameters_go_from_content_types() {
    let mut document = value(
        r#"{"content": {"application/json; charset=utf-8": {"schema": {"nullable": true, "enum": ["a", null]}}}}"#,
    );
    schemas::plain_content_types(&mut document);
    schemas::no_null_in_enums(&mut document);
    assert_eq!(document, value(r#"{"content": {"application/json": {"schema": {"nullable": true, "enum": ["a"]}}}}"#));
}

#[test]
fn a_reference_is_a_reference_whatever_is_said_beside_it() {
    let mut document = value(
        r##"{"owner": {"type": "object", "nullable": true, "allOf": [{"$ref": "#/Owner"}, {"description": "Who."}]},
            "all": [{"description": "x"}], "components": {"schemas": {"Owner": {"type": "object", "nullable": true}}}}"##,
    );
    schemas::plain_references(&mut document);
    let expected = r##"{"owner": {"nullable": true, "allOf": [{"$ref": "#/Owner"}]}, "all": [{"description": "x"}],
        "components": {"schemas": {"Owner": {"type": "object"}}}}"##;
    assert_eq!(document, value(expected));
}

#[test]
fn a_form_that_says_what_json_says_is_left_out() {
    let content =
        |more: &str| format!(r#"{{"requestBody": {{"content": {{"application/json": {{"schema": 1}}{more}}}}}}}"#);
    let form = |schema: u8| content(&format!(r#", "application/x-www-form-urlencoded": {{"schema": {schema}}}"#));
    assert_after(bodies::no_form_beside_json, &form(1), Effect::Adapted, &content(""));
    assert_after(bodies::no_form_beside_json, &form(2), Effect::None, &form(2));
    assert_after(bodies::no_form_beside_json, &content(""), Effect::None, &content(""));
}
