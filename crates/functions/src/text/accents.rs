//! Letters without their accents, and normal forms.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::scalar::{Function, Gives, Kind, form, function};

pub const FUNCTIONS: &[Function] = &[
    function(
        &["strip_accents"],
        &[form(&[Kind::Text], Gives::Text, |call| {
            let plain = |text: &str| text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect::<String>();
            call.texts(|row| Ok(Some(plain(call.text(0).value(row)))))
        })],
    ),
    function(
        &["nfc_normalize"],
        &[form(&[Kind::Text], Gives::Text, |call| {
            call.texts(|row| Ok(Some(call.text(0).value(row).nfc().collect::<String>())))
        })],
    ),
];
