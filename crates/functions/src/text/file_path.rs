//! Paths of files, taken apart as texts: no file is looked at.

use datafusion::error::Result;

use crate::scalar::{Call, Form, Function, Gives, Kind, form, function};

const PATH: &[Kind] = &[Kind::Text];

pub const FUNCTIONS: &[Function] = &[
    function(
        &["parse_path"],
        &[form(PATH, Gives::Texts, |call| {
            call.text_lists(|row| {
                let path = call.text(0).value(row);
                let root = path.starts_with('/').then(|| "/".to_owned());
                let names = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned);
                Ok(Some(root.into_iter().chain(names).collect()))
            })
        })],
    ),
    function(
        &["parse_filename"],
        &[
            form(PATH, Gives::Text, |call| filename(call, false)),
            form(&[Kind::Text, Kind::Bool], Gives::Text, |call| filename(call, true)),
        ],
    ),
    function(&["parse_dirname"], &[FIRST]),
    function(
        &["parse_dirpath"],
        &[form(PATH, Gives::Text, |call| {
            call.texts(|row| {
                let path = call.text(0).value(row);
                Ok(Some(path.rsplit_once('/').map_or("", |(directory, _)| directory)))
            })
        })],
    ),
];

const FIRST: Form = form(PATH, Gives::Text, |call| {
    call.texts(|row| {
        let path = call.text(0).value(row);
        Ok(Some(match path.strip_prefix('/') {
            Some(_) => "/",
            None => path.split_once('/').map_or("", |(first, _)| first),
        }))
    })
});

fn filename(call: &Call, may_trim: bool) -> Result<arrow::array::ArrayRef> {
    call.texts(|row| {
        let path = call.text(0).value(row);
        let name = path.rsplit('/').next().unwrap_or(path);
        let trim = may_trim && call.bool(1).value(row);
        Ok(Some(if trim { name.rsplit_once('.').map_or(name, |(stem, _)| stem) } else { name }))
    })
}
