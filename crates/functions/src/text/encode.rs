//! Texts as codes, digits and bytes, and back; digests.

use arrow::array::ArrayRef;
use arrow::datatypes::{Decimal128Type, Int32Type};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datafusion::common::exec_err;
use datafusion::error::Result;
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use crate::scalar::{Call, Function, Gives, Kind, form, function};

const TEXT: &[Kind] = &[Kind::Text];
const BYTES: &[Kind] = &[Kind::Bytes];

/// What a URL carries as it is.
const PLAIN_IN_URLS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub const FUNCTIONS: &[Function] = &[
    function(
        &["ascii", "unicode", "ord"],
        &[form(TEXT, Gives::Int32, |call| {
            call.primitives::<Int32Type>(|row| {
                Ok(Some(call.text(0).value(row).chars().next().map_or(-1, |c| c as i32)))
            })
        })],
    ),
    function(&["chr"], &[form(&[Kind::Int], Gives::Text, chr)]),
    function(
        &["hex", "to_hex"],
        &[
            form(TEXT, Gives::Text, |call| call.texts(|row| Ok(Some(hex(call.text(0).value(row).as_bytes()))))),
            form(BYTES, Gives::Text, |call| call.texts(|row| Ok(Some(hex(call.bytes(0).value(row)))))),
            form(&[Kind::Int], Gives::Text, |call| call.texts(|row| Ok(Some(format!("{:X}", call.int(0).value(row)))))),
        ],
    ),
    function(&["unhex", "from_hex"], &[form(TEXT, Gives::Bytes, unhex)]),
    function(
        &["bin", "to_binary"],
        &[
            form(TEXT, Gives::Text, |call| {
                let bits = |text: &str| text.bytes().map(|byte| format!("{byte:08b}")).collect::<String>();
                call.texts(|row| Ok(Some(bits(call.text(0).value(row)))))
            }),
            form(&[Kind::Int], Gives::Text, |call| call.texts(|row| Ok(Some(format!("{:b}", call.int(0).value(row)))))),
        ],
    ),
    function(&["unbin", "from_binary"], &[form(TEXT, Gives::Bytes, unbin)]),
    function(
        &["base64", "to_base64"],
        &[form(BYTES, Gives::Text, |call| call.texts(|row| Ok(Some(STANDARD.encode(call.bytes(0).value(row))))))],
    ),
    function(
        &["from_base64"],
        &[form(TEXT, Gives::Bytes, |call| {
            call.blobs(|row| match STANDARD.decode(call.text(0).value(row)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) => exec_err!("{:?} is not base64: {error}", call.text(0).value(row)),
            })
        })],
    ),
    function(
        &["blob"],
        &[
            form(BYTES, Gives::Bytes, |call| Ok(call.args[0].clone())),
            form(TEXT, Gives::Bytes, |call| call.blobs(|row| escaped(call.text(0).value(row)).map(Some))),
        ],
    ),
    function(
        &["encode"],
        &[form(TEXT, Gives::Bytes, |call| call.blobs(|row| Ok(Some(call.text(0).value(row).as_bytes().to_vec()))))],
    ),
    function(
        &["decode"],
        &[form(BYTES, Gives::Text, |call| {
            call.texts(|row| match std::str::from_utf8(call.bytes(0).value(row)) {
                Ok(text) => Ok(Some(text)),
                Err(error) => exec_err!("a blob is not text in UTF-8: {error}"),
            })
        })],
    ),
    function(&["to_base"], &[form(&[Kind::Int, Kind::Int, Kind::Int], Gives::Text, to_base).optional(1)]),
    function(
        &["url_encode"],
        &[form(TEXT, Gives::Text, |call| {
            call.texts(|row| Ok(Some(utf8_percent_encode(call.text(0).value(row), PLAIN_IN_URLS).to_string())))
        })],
    ),
    function(
        &["url_decode"],
        &[form(TEXT, Gives::Text, |call| {
            call.texts(|row| Ok(Some(percent_decode_str(call.text(0).value(row)).decode_utf8_lossy().into_owned())))
        })],
    ),
    function(
        &["md5"],
        &[
            form(TEXT, Gives::Text, |call| {
                call.texts(|row| Ok(Some(lower_hex(&Md5::digest(call.text(0).value(row))))))
            }),
            form(BYTES, Gives::Text, |call| {
                call.texts(|row| Ok(Some(lower_hex(&Md5::digest(call.bytes(0).value(row))))))
            }),
        ],
    ),
    function(
        &["sha1"],
        &[
            form(TEXT, Gives::Text, |call| {
                call.texts(|row| Ok(Some(lower_hex(&sha1(call.text(0).value(row).as_bytes())))))
            }),
            form(BYTES, Gives::Text, |call| call.texts(|row| Ok(Some(lower_hex(&sha1(call.bytes(0).value(row))))))),
        ],
    ),
    function(
        &["sha256"],
        &[
            form(TEXT, Gives::Text, |call| {
                call.texts(|row| Ok(Some(lower_hex(&Sha256::digest(call.text(0).value(row))))))
            }),
            form(BYTES, Gives::Text, |call| {
                call.texts(|row| Ok(Some(lower_hex(&Sha256::digest(call.bytes(0).value(row))))))
            }),
        ],
    ),
    function(&["factorial"], &[form(&[Kind::Int], Gives::Huge, factorial)]),
];

fn sha1(bytes: &[u8]) -> Vec<u8> {
    <sha1::Sha1 as sha1::Digest>::digest(bytes).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn lower_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text in which `\\xAB` is one byte.
fn escaped(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.strip_prefix('x').and_then(|digits| digits.get(..2));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => {
                return exec_err!("in the blob {text:?} a backslash is not followed by x and two hexadecimal digits");
            }
        }
        rest = &after[3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

fn chr(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let code = call.int(0).value(row);
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(c) => Ok(Some(c.to_string())),
            None => exec_err!("{code} is not the code of a character"),
        }
    })
}

fn unhex(call: &Call) -> Result<ArrayRef> {
    call.blobs(|row| {
        let text = call.text(0).value(row);
        digits(text, 2, 16)
    })
}

fn unbin(call: &Call) -> Result<ArrayRef> {
    call.blobs(|row| digits(call.text(0).value(row), 8, 2))
}

/// Bytes written with `width` digits each; the first may have fewer.
fn digits(text: &str, width: usize, radix: u32) -> Result<Option<Vec<u8>>> {
    if !text.chars().all(|c| c.is_digit(radix)) {
        return exec_err!("{text:?} has characters that are no digits of base {radix}");
    }
    let first = text.len() % width;
    let (short, rest) = text.split_at(first);
    let mut groups: Vec<&str> = if short.is_empty() { Vec::new() } else { vec![short] };
    groups.extend((0..rest.len() / width).map(|group| &rest[group * width..(group + 1) * width]));
    Ok(Some(groups.into_iter().map(|group| u8::from_str_radix(group, radix).unwrap_or_default()).collect()))
}

fn to_base(call: &Call) -> Result<ArrayRef> {
    call.texts(|row| {
        let (mut number, radix) = (call.int(0).value(row), call.int(1).value(row));
        if number < 0 || !(2..=36).contains(&radix) {
            return exec_err!("to_base takes a number that is not negative and a base from 2 to 36");
        }
        let least = if call.has(2) { usize::try_from(call.int(2).value(row)).unwrap_or(0).min(64) } else { 0 };
        let mut digits = Vec::new();
        while number > 0 || digits.is_empty() {
            let digit = u32::try_from(number % radix).unwrap_or_default();
            digits.push(char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase());
            number /= radix;
        }
        digits.resize(digits.len().max(least), '0');
        Ok(Some(digits.iter().rev().collect::<String>()))
    })
}

fn factorial(call: &Call) -> Result<ArrayRef> {
    call.primitives::<Decimal128Type>(|row| {
        let number = call.int(0).value(row);
        match (1..=i128::from(number)).try_fold(1_i128, i128::checked_mul).filter(|_| number < 34) {
            Some(product) => Ok(Some(product)),
            None => exec_err!("the factorial of {number} is out of range of HUGEINT"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_digits() {
        assert_eq!(digits("6162", 2, 16).unwrap(), Some(b"ab".to_vec()));
        assert_eq!(digits("F61", 2, 16).unwrap(), Some(vec![0xF, 0x61]));
        assert_eq!(digits("0110", 8, 2).unwrap(), Some(vec![6]));
        digits("xy", 2, 16).unwrap_err();
    }
}
