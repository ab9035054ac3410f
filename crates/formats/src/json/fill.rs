//! JSON values into columns.

use model::sql_type;

use super::fault::{Fault, Stop};
use super::node::{Node, Object};
use super::reader::{Reader, Token, compact};
use crate::input::Column;

/// Appends the next value to a column.
fn fill(node: &mut Node, reader: &mut Reader<'_>) -> Result<(), Stop> {
    let start = reader.next_start();
    let token = reader.begin()?;
    match (&token, node) {
        (Token::Null, node) => {
            node.append_null();
            Ok(())
        }
        (Token::Array, Node::List(list)) => {
            let mut count = 0;
            while reader.next_element(&mut count)? {
                fill(&mut list.item, reader)?;
            }
            list.end(true);
            Ok(())
        }
        (Token::Object, Node::Object(object)) => fill_object(object, reader),
        (Token::Object, Node::Map(map)) => {
            let mut count = 0;
            while let Some(key) = reader.next_key(&mut count)? {
                map.keys.append_text(reader.string(&key));
                let name = String::from_utf8_lossy(reader.string(&key)).into_owned();
                fill(&mut map.values, reader).map_err(|stop| stop.inside(&name))?;
            }
            map.end(true);
            Ok(())
        }
        (_, Node::Plain(column)) => {
            if !append(column, &token, reader, start)? {
                return Err(misfit(start, reader, &sql_type(column.data_type()), column.reads_text()));
            }
            Ok(())
        }
        (_, node) => {
            reader.skip(&token)?;
            Err(misfit(start, reader, &sql_type(&node.data_type()), true))
        }
    }
}

/// Appends a value to a plain column; answers whether it fits. Arrays and objects fit text, as JSON.
fn append(column: &mut Column, token: &Token, reader: &mut Reader<'_>, start: usize) -> Result<bool, Stop> {
    Ok(match token {
        Token::Null => {
            column.append_null();
            true
        }
        Token::Boolean(value) => column.append_boolean(*value),
        Token::Number(range) => column.append_number(reader.number(range.clone())),
        Token::String(text) => column.append_text(reader.string(text)),
        Token::Array | Token::Object => {
            reader.skip(token)?;
            column.append_text(&compact(reader.since(start)))
        }
    })
}

/// Appends an object whose bracket was read. A key that has no column is a fault.
pub(super) fn fill_object(object: &mut Object, reader: &mut Reader<'_>) -> Result<(), Stop> {
    fill_known(object, reader, &mut |name, reader| {
        let start = reader.next_start();
        let token = reader.begin()?;
        reader.skip(&token)?;
        let value = compact(reader.since(start));
        Err(Stop::Fault { at: start, fault: Box::new(Fault::UnknownKey { keys: vec![name], value }) })
    })
}

/// What is done with a key that has no column; it reads the key's value.
pub(super) type Unknown<'u> = &'u mut dyn FnMut(String, &mut Reader<'_>) -> Result<(), Stop>;

/// As [`fill_object`], with keys that have no column given to `unknown`.
pub(super) fn fill_known(object: &mut Object, reader: &mut Reader<'_>, unknown: Unknown<'_>) -> Result<(), Stop> {
    let length = object.len();
    let (mut count, mut likely) = (0, 0);
    while let Some(key) = reader.next_key(&mut count)? {
        let Some(position) = object.position(reader.string(&key), likely) else {
            let name = String::from_utf8_lossy(reader.string(&key)).into_owned();
            unknown(name, reader)?;
            continue;
        };
        let child = &mut object.children[position];
        if child.len() > length {
            let keys = vec![object.name(position).to_owned()];
            return Err(Stop::Fault { at: reader.next_start(), fault: Box::new(Fault::RepeatedKey { keys }) });
        }
        fill(child, reader).map_err(|stop| stop.inside(object.name(position)))?;
        likely = position + 1;
    }
    object.end();
    Ok(())
}

fn misfit(start: usize, reader: &Reader<'_>, wanted: &str, reads_text: bool) -> Stop {
    let (keys, wanted) = (Vec::new(), wanted.to_owned());
    let fault = if reads_text {
        Fault::Misfit { keys, value: compact(reader.since(start)), wanted }
    } else {
        Fault::Refused { keys, wanted }
    };
    Stop::Fault { at: start, fault: Box::new(fault) }
}
