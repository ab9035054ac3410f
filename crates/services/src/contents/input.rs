//! With what a value of a column is typed in.

/// An element of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line of text.
    Text,
    /// Lines of text.
    TextArea,
    /// A number.
    Number,
    /// Yes or no.
    Checkbox,
    /// One of some words.
    Select,
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// A time, or a span of it.
    Time,
    /// A web address.
    Url,
    /// A mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A color.
    Color,
    /// A JSON text.
    Json,
    /// Source code.
    Code,
    /// A file.
    File,
    /// A row of another table.
    Reference,
}

/// What a declared type begins with; the longer of two that fit stands first.
const BY_BEGINNING: [(&str, Input); 22] = [
    ("TEXT_DATETIME", Input::DateTime),
    ("TEXT_DATE", Input::Date),
    ("TEXT_TIME", Input::Time),
    ("TEXT_DURATION", Input::Time),
    ("TEXT_URL", Input::Url),
    ("TEXT_EMAIL", Input::Email),
    ("TEXT_TEL", Input::Tel),
    ("TEXT_COLOR", Input::Color),
    ("TEXT_JSON", Input::Json),
    ("TEXT_CODE", Input::Code),
    ("TEXT", Input::Text),
    ("BLOB", Input::File),
    ("BOOL", Input::Checkbox),
    ("DATETIME", Input::DateTime),
    ("TIMESTAMP", Input::DateTime),
    ("DATE", Input::Date),
    ("TIME", Input::Time),
    ("JSON", Input::Json),
    ("STRUCT", Input::Json),
    ("MAP", Input::Json),
    ("CLOB", Input::TextArea),
    ("INTERVAL", Input::Text),
];

/// What makes a declared type one of numbers, wherever it stands.
const NUMBERS: [&str; 7] = ["INT", "REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL", "NUMBER"];

impl Input {
    /// Its name at Airsequel.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "InputText",
            Self::TextArea => "InputTextArea",
            Self::Number => "InputNumber",
            Self::Checkbox => "InputCheckbox",
            Self::Select => "InputSelect",
            Self::Date => "InputDate",
            Self::DateTime => "InputDateTime",
            Self::Time => "InputTime",
            Self::Url => "InputUrl",
            Self::Email => "InputEmail",
            Self::Tel => "InputTel",
            Self::Color => "InputColor",
            Self::Json => "InputJson",
            Self::Code => "InputCode",
            Self::File => "InputFile",
            Self::Reference => "InputReference",
        }
    }

    /// Every name.
    pub fn names() -> Vec<&'static str> {
        use Input::*;
        let all = [
            Text, TextArea, Number, Checkbox, Select, Date, DateTime, Time, Url, Email, Tel, Color, Json, Code, File,
            Reference,
        ];
        all.into_iter().map(Self::as_str).collect()
    }

    /// That of a declared type.
    pub(super) fn of_declared(declared: &str) -> Self {
        let upper = declared.trim().to_ascii_uppercase();
        if upper.ends_with("[]") {
            return Self::Json;
        }
        if let Some((_, input)) = BY_BEGINNING.iter().find(|(beginning, _)| upper.starts_with(beginning)) {
            return *input;
        }
        if NUMBERS.iter().any(|word| upper.contains(word)) { Self::Number } else { Self::Text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_go_by_how_they_begin() {
        for (declared, expected) in [
            ("TEXT", "InputText"),
            ("TEXT_DATE", "InputDate"),
            ("TEXT_DATETIME", "InputDateTime"),
            ("TEXT_TIME", "InputTime"),
            ("TEXT_DURATION_ISO", "InputTime"),
            ("TEXT_URL", "InputUrl"),
            ("TEXT_EMAIL", "InputEmail"),
            ("TEXT_TEL", "InputTel"),
            ("TEXT_COLOR_HEX", "InputColor"),
            ("TEXT_JSON_ARRAY", "InputJson"),
            ("TEXT_CODE_HTML", "InputCode"),
            ("TEXT_COUNTRY_ALPHA_2", "InputText"),
            ("TEXT_IBAN", "InputText"),
            ("INTEGER", "InputNumber"),
            ("INT_STARS_5", "InputNumber"),
            ("REAL_MONEY_EUR", "InputNumber"),
            ("BOOLEAN", "InputCheckbox"),
            ("BLOB_IMAGE_PNG", "InputFile"),
            ("varchar(20)", "InputText"),
            ("", "InputText"),
            ("BIGINT", "InputNumber"),
            ("INTEGER[]", "InputJson"),
            ("TIMESTAMP WITH TIME ZONE", "InputDateTime"),
        ] {
            assert_eq!(Input::of_declared(declared).as_str(), expected, "{declared}");
        }
        assert_eq!(Input::names().len(), 16);
    }
}
