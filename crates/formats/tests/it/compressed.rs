//! Compressed bodies.

use std::io::Write;

use flate2::write::GzEncoder;
use formats::{Compression, Decode};

use crate::bodies::{decoded, decoded_in_pieces, error, message};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn text(rows: usize) -> String {
    let mut text = String::from("a,b\n");
    (0..rows).for_each(|row| text.push_str(&format!("{row},value {row}\n")));
    text
}

#[test]
fn compressed_bodies_are_recognised() {
    let text = text(50_000);
    let expected = decoded(text.as_bytes(), Decode::default()).unwrap().lines();
    for bytes in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        assert_eq!(decoded(&bytes, Decode::default()).unwrap().lines(), expected);
        assert_eq!(decoded_in_pieces(&bytes, 1_000, Decode::default()).unwrap().lines(), expected);
    }
}

#[test]
fn several_members_are_one_body() {
    let text = text(10);
    let (start, rest) = text.split_at(17);
    for bytes in [
        [gzip(start.as_bytes()), gzip(rest.as_bytes())].concat(),
        [zstd(start.as_bytes()), zstd(rest.as_bytes())].concat(),
    ] {
        for size in [1, 3, 1_000] {
            assert_eq!(decoded_in_pieces(&bytes, size, Decode::default()).unwrap().count(), 10);
        }
    }
}

#[test]
fn a_small_body_that_unfolds_to_a_large_one() {
    let text = format!("a\n{}", "0000000\n".repeat(4 << 20));
    for bytes in [gzip(text.as_bytes()), zstd(text.as_bytes())] {
        assert_eq!(decoded(&bytes, Decode::default()).unwrap().count(), 4 << 20);
    }
}

#[test]
fn the_header_names_the_encoding() {
    let named = |name: &str| Decode { content_encoding: Some(name.to_owned()), ..Decode::default() };
    let text = text(3);
    assert_eq!(decoded(&gzip(text.as_bytes()), named("GZip")).unwrap().count(), 3);
    assert_eq!(decoded(&zstd(text.as_bytes()), named("zstd")).unwrap().count(), 3);
    assert_eq!(decoded(text.as_bytes(), named("identity")).unwrap().count(), 3);
    assert_eq!(
        message(&text, named("br")),
        "Content-Encoding \"br\" is not supported; use gzip or zstd, or send the body as it is"
    );
    assert_eq!(message(&text, named("gzip")), "the gzip body is damaged; compress it again and send it again");
    assert_eq!(Compression::sniff(b"a,b"), None);
}

#[test]
fn bodies_compressed_twice_say_so() {
    let text = text(10);
    for (inner, outer, bytes) in [
        ("gzip", "gzip", gzip(&gzip(text.as_bytes()))),
        ("zstd", "gzip", gzip(&zstd(text.as_bytes()))),
        ("gzip", "zstd", zstd(&gzip(text.as_bytes()))),
    ] {
        let told = error(&bytes, Decode::default()).message().to_owned();
        assert!(told.starts_with(&format!("the body is compressed twice ({inner} inside {outer})")), "{told}");
    }
    assert!(message(gzip(b"a,b\n1,\0\n"), Decode::default()).starts_with("the body has NUL bytes"));
}

#[test]
fn truncated_bodies_say_so() {
    let text = text(1_000);
    for (name, bytes) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd(text.as_bytes()))] {
        let expected = format!("the {name} body is truncated: it ends in the middle of the compressed data");
        for length in [bytes.len() - 1, bytes.len() - 9, bytes.len() / 2, 12] {
            assert_eq!(error(&bytes[..length], Decode::default()).message(), expected, "{length}");
        }
    }
}
