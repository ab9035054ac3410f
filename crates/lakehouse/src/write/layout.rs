//! How the files are laid out. Decoding is where queries spend their time, so what is written decides what reading
//! costs: large row groups, no compression for what is small already, statistics on every column and page.

use arrow::datatypes::{DataType, Schema};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows of a row group, at most.
pub const ROW_GROUP_ROWS: usize = 1 << 19;

/// Bytes of Arrow data of a row group, at most: wide rows make smaller groups, so that memory stays bounded.
pub const ROW_GROUP_BYTES: usize = 160 << 20;

/// The Parquet properties for a table of this schema.
///
/// Numbers and dates stay uncompressed: dictionaries and bit packing have made them small, and unpacking them would
/// cost every query. Text, where it repeats within and not among values, is worth LZ4, the fastest to unpack.
pub fn properties(schema: &Schema) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by(concat!("boathouse ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::UNCOMPRESSED)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    for field in schema.fields() {
        if field.data_type().is_floating() {
            // Parquet's bounds leave NaN out, which in SQL is greater than every number: they would skip its rows.
            let column = ColumnPath::from(field.name().as_str());
            builder = builder.set_column_statistics_enabled(column, EnabledStatistics::None);
        }
        let nested = field.data_type().is_nested();
        if nested || matches!(field.data_type(), DataType::Utf8 | DataType::Binary) {
            builder = builder.set_column_compression(ColumnPath::from(field.name().as_str()), Compression::LZ4_RAW);
        }
    }
    builder.build()
}
