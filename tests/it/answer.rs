//! The lines of a query's answer in the default format.

use serde_json::Value;

/// A whole answer: metadata line, columns line, rows, and an error line where one stands last.
#[derive(Debug)]
pub struct Answer {
    pub metadata: Value,
    /// The columns line as it was sent, empty where an error stands in its place.
    pub columns: String,
    pub rows: Vec<Value>,
    pub error: Option<String>,
}

impl Answer {
    /// Reads an answer and checks what holds for every one of them.
    pub fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "every line ends: {text:?}");
        let mut lines = text.lines();
        let metadata = parsed(lines.next().unwrap());
        let mut answer = Self { metadata, columns: String::new(), rows: Vec::new(), error: None };
        for (number, line) in lines.enumerate() {
            assert_eq!(answer.error, None, "an error is the last line");
            let value = parsed(line);
            if let Some(error) = value.get("error") {
                answer.error = Some(error.as_str().unwrap().to_owned());
            } else if number == 0 {
                assert!(line.starts_with("[{") || line == "[]", "clients know the columns line by its start: {line}");
                answer.columns = line.to_owned();
            } else {
                assert!(value.is_array(), "rows are arrays: {line}");
                answer.rows.push(value);
            }
        }
        answer
    }
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|fault| panic!("{line:?} is not JSON: {fault}"))
}
