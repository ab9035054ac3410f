//! `instr`, `replace`, `trim` and `unhex` as SQLite has them, in time that grows with the length of their arguments.
//!
//! SQLite's own compare each place of one argument with all of the other. With cells of ten megabytes one call takes minutes,
//! and no call asks whether it may go on. What they answer is the same, so that an index made of them stays right.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::c_int;
use std::sync::Arc;

use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, Result, ToSql, ffi};

use crate::cells::size;
use crate::guard::Guard;

/// The longest pattern of LIKE and GLOB, in bytes: they compare it with each place of a text. A function in their place would
/// take away the index that LIKE can use.
const PATTERN: i32 = 250;

/// Puts them in the place of SQLite's own, on a connection whose cells have at most so many bytes.
pub fn install(connection: &Connection, guard: &Arc<Guard>, cell_bytes: i32) -> Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN)?;
    let most = usize::try_from(cell_bytes).unwrap_or_default();
    let function = |name: &str, arguments: c_int, answer: fn(&Context<'_>, usize) -> Result<Answer>| {
        let guard = Arc::clone(guard);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
        connection.create_scalar_function(name, arguments, flags, move |context| {
            if guard.must_stop_after((0..context.len()).map(|at| size(context.get_raw(at))).sum()) {
                return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None));
            }
            answer(context, most)
        })
    };
    function("instr", 2, |context, _| instr(context))?;
    function("replace", 3, replace)?;
    function("trim", 2, |context, _| trimmed(context, true, true))?;
    function("ltrim", 2, |context, _| trimmed(context, true, false))?;
    function("rtrim", 2, |context, _| trimmed(context, false, true))?;
    function("unhex", 2, |context, _| unhex(context))
}

/// What a function answers: `None` is NULL.
type Answer = Option<Answered>;

enum Answered {
    Integer(i64),
    /// Text, of whatever bytes the arguments had.
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl ToSql for Answered {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn instr(context: &Context<'_>) -> Result<Answer> {
    let (text, wanted) = (context.get_raw(0), context.get_raw(1));
    let (Some(bytes), Some(needle)) = (written(text), written(wanted)) else { return Ok(None) };
    let in_bytes = matches!((text, wanted), (ValueRef::Blob(_), ValueRef::Blob(_)));
    let place = match memmem::find(&bytes, &needle) {
        None => 0,
        Some(at) if in_bytes => at + 1,
        // Text is looked through character by character, and none begins with such a byte.
        Some(at) if at > 0 && needle.first().is_some_and(|byte| continues(*byte)) => 0,
        Some(at) => characters(&bytes[..at]) + 1,
    };
    Ok(Some(Answered::Integer(i64::try_from(place).unwrap_or(i64::MAX))))
}

/// Whether a byte of UTF-8 goes on with a character.
fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// As SQLite counts them.
fn characters(text: &[u8]) -> usize {
    let continues = text.iter().skip(1).filter(|byte| continues(**byte)).count();
    text.len() - continues
}

fn replace(context: &Context<'_>, most: usize) -> Result<Answer> {
    let (Some(text), Some(from)) = (written(context.get_raw(0)), written(context.get_raw(1))) else { return Ok(None) };
    // An empty text stands nowhere; nor does one that begins with what ends texts in C.
    if from.first().is_none_or(|byte| *byte == 0) {
        return Ok(Some(Answered::Text(text.into_owned())));
    }
    let Some(to) = written(context.get_raw(2)) else { return Ok(None) };
    let (mut out, mut copied) = (Vec::with_capacity(text.len()), 0);
    for at in memmem::find_iter(&text, from.as_ref()) {
        out.extend_from_slice(&text[copied..at]);
        out.extend_from_slice(&to);
        copied = at + from.len();
        if out.len() + text.len() - copied > most {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None));
        }
    }
    out.extend_from_slice(&text[copied..]);
    Ok(Some(Answered::Text(out)))
}

fn trimmed(context: &Context<'_>, left: bool, right: bool) -> Result<Answer> {
    let (Some(text), Some(set)) = (written(context.get_raw(0)), written(context.get_raw(1))) else { return Ok(None) };
    let set = Characters::of(until_nul(&set));
    let mut rest = text.as_ref();
    while let Some(length) = Some(rest).filter(|_| left).and_then(|rest| set.first(rest)) {
        rest = &rest[length..];
    }
    while let Some(length) = Some(rest).filter(|_| right).and_then(|rest| set.last(rest)) {
        rest = &rest[..rest.len() - length];
    }
    Ok(Some(Answered::Text(rest.to_owned())))
}

/// The characters of a text, each once, and the length of the longest.
struct Characters<'a>(HashSet<&'a [u8]>, usize);

impl<'a> Characters<'a> {
    fn of(text: &'a [u8]) -> Self {
        let (mut found, mut longest) = (HashSet::new(), 0);
        let mut start = 0;
        while start < text.len() {
            let end = start + 1 + if text[start] >= 0xc0 { continuing(&text[start + 1..]) } else { 0 };
            found.insert(&text[start..end]);
            longest = longest.max(end - start);
            start = end;
        }
        Self(found, longest)
    }

    /// The length of the one that a text begins with.
    fn first(&self, text: &[u8]) -> Option<usize> {
        (1..=self.1.min(text.len())).find(|length| self.0.contains(&text[..*length]))
    }

    /// The length of the one that a text ends with.
    fn last(&self, text: &[u8]) -> Option<usize> {
        (1..=self.1.min(text.len())).find(|length| self.0.contains(&text[text.len() - length..]))
    }
}

fn continuing(text: &[u8]) -> usize {
    text.iter().take_while(|byte| continues(**byte)).count()
}

fn unhex(context: &Context<'_>) -> Result<Answer> {
    let (Some(text), Some(passed)) = (written(context.get_raw(0)), written(context.get_raw(1))) else {
        return Ok(None);
    };
    let mut passed = passed.as_ref();
    let mut passes = HashSet::new();
    while let Some(character) = next(&mut passed) {
        passes.insert(character);
    }
    let mut rest = until_nul(&text);
    let mut bytes = Vec::with_capacity(rest.len() / 2);
    while let Some(first) = rest.first() {
        match char::from(*first).to_digit(16) {
            Some(high) => {
                let low = rest.get(1).and_then(|low| char::from(*low).to_digit(16));
                let Some(low) = low else { return Ok(None) };
                bytes.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
                rest = &rest[2..];
            }
            None if next(&mut rest).is_some_and(|character| passes.contains(&character)) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(Answered::Blob(bytes)))
}

/// Takes the number of the next character, as SQLite reads what may not be UTF-8.
fn next(text: &mut &[u8]) -> Option<u32> {
    const UNKNOWN: u32 = 0xfffd;
    let (first, rest) = text.split_first()?;
    *text = rest;
    if *first < 0xc0 {
        return Some((*first).into());
    }
    let bits = match first {
        0xc0..=0xdf => first & 0x1f,
        0xe0..=0xef => first & 0x0f,
        0xf0..=0xf7 => first & 0x07,
        0xf8..=0xfb => first & 0x03,
        0xfc..=0xfd => first & 0x01,
        _ => 0,
    };
    let (more, rest) = rest.split_at(continuing(rest));
    *text = rest;
    let number = more.iter().fold(u32::from(bits), |number, byte| (number << 6).wrapping_add(u32::from(byte & 0x3f)));
    let is_none = number < 0x80 || number & 0xffff_f800 == 0xd800 || number & 0xffff_fffe == 0xfffe;
    Some(if is_none { UNKNOWN } else { number })
}

fn until_nul(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(0, text).unwrap_or(text.len())]
}

/// What SQLite writes for a value; nothing for NULL.
fn written(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string().into_bytes().into(),
        ValueRef::Real(number) => real(number).into_bytes().into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.into(),
    })
}

/// A number as SQLite writes it, which has changed from version to version: it is asked.
fn real(number: f64) -> String {
    thread_local! {
        static ASKED: Option<Connection> = Connection::open_in_memory().ok();
    }
    let text = ASKED.with(|asked| {
        let mut cast = asked.as_ref()?.prepare_cached("SELECT CAST(?1 AS TEXT)").ok()?;
        cast.query_row([number], |row| row.get(0)).ok()
    });
    // Without memory for a connection, what is as good as anything.
    text.unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use rusqlite::types::Value;

    use super::*;

    fn connections() -> (Connection, Connection) {
        let (ours, own) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
        let guard = Guard::install(&ours).unwrap();
        install(&ours, &guard, 1_000_000_000).unwrap();
        (ours, own)
    }

    #[derive(Clone, Debug)]
    enum Argument {
        Text(Vec<u8>),
        Other(Value),
    }

    impl ToSql for Argument {
        fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
            match self {
                Self::Text(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(bytes))),
                Self::Other(value) => value.to_sql(),
            }
        }
    }

    fn argument() -> impl Strategy<Value = Argument> {
        let text =
            prop_oneof!["[abé ]{0,6}", "[0-9a-fA-F é]{0,6}", "\\PC{0,4}", "a\u{0}b?"].prop_map(String::into_bytes);
        // What is no UTF-8 can be text to SQLite.
        let some = prop::sample::select(vec![0x00, 0x41, 0x42, 0x80, 0xa9, 0xc3, 0xe2, 0x82, 0xf0, 0xfe, 0xff]);
        let bytes = prop_oneof![2 => text, 1 => prop::collection::vec(some, 0..6), 1 => prop::collection::vec(any::<u8>(), 0..4)];
        prop_oneof![
            6 => bytes.clone().prop_map(Argument::Text),
            3 => bytes.prop_map(|bytes| Argument::Other(Value::Blob(bytes))),
            1 => (-20_i64..200).prop_map(|number| Argument::Other(number.into())),
            1 => any::<f64>().prop_map(|number| Argument::Other(number.into())),
            1 => Just(Argument::Other((0.1 + 0.2).into())),
            1 => Just(Argument::Other(Value::Null)),
        ]
    }

    #[test]
    fn answers_are_those_of_sqlite() {
        let (ours, own) = connections();
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 5_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let calls =
            ["instr(?1, ?2)", "replace(?1, ?2, ?3)", "trim(?1, ?2)", "ltrim(?1, ?2)", "rtrim(?1, ?2)", "unhex(?1, ?2)"];
        runner
            .run(&(argument(), argument(), argument()), |(one, two, three)| {
                for call in calls {
                    let sql = format!("SELECT hex(CAST({call} AS BLOB)), typeof({call}), ?1, ?2, ?3");
                    let ask = |connection: &Connection| {
                        connection.prepare_cached(&sql)?.query_row((&one, &two, &three), |row| {
                            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                        })
                    };
                    prop_assert_eq!(ask(&ours).unwrap(), ask(&own).unwrap(), "{}", call);
                }
                Ok(())
            })
            .unwrap();
    }

    /// Each of these takes SQLite's own more than a minute.
    #[test]
    fn no_arguments_take_long() {
        let (ours, _) = connections();
        const LETTERS: &str = "hex(zeroblob(4000000))";
        for (call, expected) in [
            (format!("instr({LETTERS}, hex(zeroblob(2000000)) || 'b')"), "0"),
            (format!("length(replace({LETTERS}, hex(zeroblob(2000000)) || 'b', 'c'))"), "8000000"),
            (format!("trim({LETTERS}, replace({LETTERS}, '0', 'b') || '0')"), ""),
            (format!("unhex(replace({LETTERS}, '0', 'x'), replace({LETTERS}, '0', 'y') || 'x')"), ""),
        ] {
            let answer: String = ours.query_row(&format!("SELECT CAST({call} AS TEXT)"), [], |row| row.get(0)).unwrap();
            assert_eq!(answer, expected, "{call}");
        }
        let long = ours.query_row("SELECT 'a' LIKE hex(zeroblob(250))", [], |row| row.get::<_, bool>(0)).unwrap_err();
        assert!(long.to_string().contains("pattern too complex"), "{long}");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        let guard = Guard::install(&connection).unwrap();
        install(&connection, &guard, 1_000).unwrap();
        let grown = "SELECT replace(hex(zeroblob(100)), '0', '0123456789')";
        let error = connection.query_row(grown, [], |row| row.get::<_, String>(0)).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::TooBig));
    }

    #[test]
    fn definitions_may_name_them() {
        let (ours, own) = connections();
        const TABLE: &str = "CREATE TABLE t (a CHECK (instr(a, 'x') > 0)); CREATE INDEX i ON t (replace(a, 'x', 'y'));
            CREATE VIEW v AS SELECT trim(a, 'x') AS b FROM t; INSERT INTO t VALUES ('xa')";
        for connection in [ours, own] {
            connection.execute_batch(TABLE).unwrap();
            assert!(connection.execute("INSERT INTO t VALUES ('a')", []).is_err());
            let found: String = connection.query_row("SELECT b FROM v", [], |row| row.get(0)).unwrap();
            assert_eq!(found, "a");
            let plan: String = connection
                .query_row("EXPLAIN QUERY PLAN SELECT a FROM t WHERE replace(a, 'x', 'y') = 'ya'", [], |row| row.get(3))
                .unwrap();
            assert!(plan.contains("INDEX i"), "{plan}");
        }
    }
}
