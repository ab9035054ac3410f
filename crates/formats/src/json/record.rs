//! The records of a chunk, one after the other.

use model::Result;

use super::fault::{self, Fault, Origin, Stop};
use super::reader::{Reader, Token, compact};
use crate::input::Chunk;

/// Gives every record of a chunk, after its opening bracket, to `object`. Answers how many records there are.
///
/// # Errors
/// `Invalid`, with the line of the first record that is malformed, no object, or refused by `object`.
pub(super) fn read(
    chunk: &Chunk,
    origin: Origin,
    mut object: impl FnMut(&mut Reader<'_>) -> Result<(), Stop>,
) -> Result<usize> {
    if let Err(error) = std::str::from_utf8(&chunk.bytes) {
        return Err(fault::not_utf8(chunk, error.valid_up_to()));
    }
    let mut start = 0;
    let mut records = 0;
    for end in &chunk.ends {
        let text = &chunk.bytes[start..*end];
        let mut reader = Reader::new(text);
        if !reader.is_over() {
            match record(&mut reader, &mut object) {
                Ok(()) => records += 1,
                Err(Stop::Fault { at, fault }) => {
                    return Err(fault.on_line(chunk.place.after(&chunk.bytes[..start + at]).line, origin));
                }
                Err(Stop::Malformed) => return Err(fault::syntax(chunk, start, text)),
                Err(Stop::Error(error)) => return Err(error),
            }
        }
        start = *end;
    }
    Ok(records)
}

fn record(reader: &mut Reader<'_>, object: &mut impl FnMut(&mut Reader<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    let start = reader.next_start();
    let token = reader.begin()?;
    if !matches!(token, Token::Object) {
        reader.skip(&token)?;
        let fault = Box::new(Fault::NotObject { value: compact(reader.since(start)) });
        return Err(Stop::Fault { at: start, fault });
    }
    object(reader)?;
    if reader.is_over() { Ok(()) } else { Err(Stop::Malformed) }
}
