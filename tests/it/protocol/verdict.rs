//! Whether an answer is what the document promises for its status.

use serde_json::Value;

use super::document::{Operation, resolved};
use super::schema;
use super::wire::Reply;

impl Reply {
    /// Checks that this is an answer of `status` as `operation` documents it: its content type, its schema, its headers.
    #[track_caller]
    pub fn judged(&self, operation: &Operation, status: u16, case: &str) {
        let case = format!("{}, {case}", operation.label);
        let head: String = String::from_utf8_lossy(&self.body).chars().take(300).collect();
        assert_eq!(self.status, status, "{case}: {head}");
        self.documented(operation, &case);
    }

    /// Checks that this is a refusal as `operation` documents it.
    #[track_caller]
    pub fn refused(&self, operation: &Operation, case: &str) {
        let case = format!("{}, {case}", operation.label);
        assert!((400..500).contains(&self.status), "{case}: {self:?}");
        self.documented(operation, &case);
    }

    #[track_caller]
    fn documented(&self, operation: &Operation, case: &str) {
        let responses = &operation.described["responses"];
        let exact = self.status.to_string();
        let range = format!("{}XX", self.status / 100);
        let found = [exact.as_str(), &range, "default"].into_iter().find_map(|word| responses.get(word));
        let found = found.unwrap_or_else(|| panic!("{case}: {} is not documented", self.status));
        let response = resolved(&operation.document, found);
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let needed = resolved(&operation.document, header)["required"] == true;
            let there = self.headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name));
            assert!(there || !needed, "{case}: the header {name} is missing: {self:?}");
        }
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "{case}: {self:?}");
        let content = response["content"].as_object().filter(|content| !content.is_empty());
        let Some(content) = content else {
            assert!(self.body.is_empty(), "{case}: no body is documented: {self:?}");
            return;
        };
        let sent = self.header("content-type").unwrap_or_else(|| panic!("{case}: no content type: {self:?}"));
        let same = |documented: &str| essence(documented) == essence(sent);
        let (_, media) = content
            .iter()
            .find(|(documented, _)| same(documented))
            .unwrap_or_else(|| panic!("{case}: {sent} is not documented"));
        assert!(!self.body.is_empty(), "{case}: a refusal says why");
        let value = if essence(sent).ends_with("json") && !essence(sent).contains("ndjson") {
            serde_json::from_slice(&self.body).unwrap_or_else(|fault| panic!("{case}: {fault}: {self:?}"))
        } else {
            Value::from(self.text())
        };
        assert_eq!(schema::fault(&operation.document, &media["schema"], &value, "body"), None, "{case}");
    }
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
