//! Functions of SQLite's that are passed on to it while their arguments are not so large that one call takes minutes, or
//! gigabytes.

use std::ffi::c_uint;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result, ffi};

use crate::bind::Cell;
use crate::cells::size;

/// `json_patch` looks for each key of one object among all of the other: the product of both lengths that takes some seconds.
const PATCHED: usize = 100_000_000_000;
/// The longest text that `json_pretty` puts before a line, once for each level, in bytes.
const INDENT: usize = 100;
/// What SQLite marks JSON with, so that it goes into other JSON as it is.
const JSON: c_uint = 74;

/// Puts them in the place of SQLite's own.
pub fn install(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    let marked = flags | FunctionFlags::SQLITE_RESULT_SUBTYPE;
    let patched = |context: &Context<'_>| size(context.get_raw(0)).saturating_mul(size(context.get_raw(1))) <= PATCHED;
    connection.create_scalar_function("json_patch", 2, marked, move |context| {
        let patch = passed_on(context, "SELECT json_patch(?1, ?2)", patched(context))?;
        let mark = (patch != Value::Null).then_some(JSON);
        Ok((patch, mark))
    })?;
    connection.create_scalar_function("jsonb_patch", 2, flags, move |context| {
        passed_on(context, "SELECT jsonb_patch(?1, ?2)", patched(context))
    })?;
    connection.create_scalar_function("json_pretty", 2, flags, |context| {
        passed_on(context, "SELECT json_pretty(?1, ?2)", size(context.get_raw(1)) <= INDENT)
    })
}

/// What SQLite's own function answers, asked on a connection where it still has its name.
fn passed_on(context: &Context<'_>, sql: &str, is_small: bool) -> Result<Value> {
    thread_local! {
        static OWN: Result<Connection> = Connection::open_in_memory();
    }
    if !is_small {
        return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None));
    }
    OWN.with(|own| {
        let own = own.as_ref().map_err(|_| Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_NOMEM), None))?;
        own.prepare_cached(sql)?.query_row([Cell(context.get_raw(0)), Cell(context.get_raw(1))], |row| row.get(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections() -> (Connection, Connection) {
        let (ours, own) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
        install(&ours).unwrap();
        (ours, own)
    }

    #[test]
    fn answers_are_those_of_sqlite() {
        let (ours, own) = connections();
        for call in [
            "json_patch('{\"a\":1,\"b\":[1,2]}', '{\"b\":null,\"c\":{\"d\":1.50}}')",
            "json_patch('{a:0x10}', '{\"ä\":\"\\u0041\"}')",
            "json_patch(1, 2)",
            "json_patch(NULL, '{}')",
            "json_patch('{', '{}')",
            "json_patch(jsonb('{\"a\":1}'), jsonb('{\"b\":2}'))",
            "json_patch(x'ff', '{}')",
            "json_array(json_patch('{}', '{\"a\":1}'))",
            "json_object('k', json_patch('{}', NULL))",
            "hex(jsonb_patch('{\"a\":1}', '{\"b\":2}'))",
            "jsonb_patch('x', '{}')",
            "json_pretty('[1,[2]]', '--')",
            "json_pretty('[1,[2]]', NULL)",
            "json_pretty('[', '-')",
            "json_array(json_pretty('[1]', ''))",
        ] {
            let ask = |connection: &Connection| {
                let sql = format!("SELECT {call}, typeof({call})");
                let row = connection.query_row(&sql, [], |row| Ok((row.get::<_, Value>(0)?, row.get::<_, String>(1)?)));
                row.map_err(|error| error.to_string())
            };
            assert_eq!(ask(&ours), ask(&own), "{call}");
        }
    }

    #[test]
    fn what_would_take_long_is_refused() {
        let (ours, _) = connections();
        let large = "json_array(hex(zeroblob(200000)))";
        for call in [
            format!("json_patch({large}, {large})"),
            format!("jsonb_patch({large}, {large})"),
            "json_pretty('[]', hex(zeroblob(100)))".to_owned(),
        ] {
            let error = ours.query_row(&format!("SELECT {call}"), [], |row| row.get::<_, Value>(0)).unwrap_err();
            assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::TooBig), "{call}: {error}");
        }
    }
}
