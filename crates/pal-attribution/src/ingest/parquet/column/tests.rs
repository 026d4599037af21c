//! Our reader beside the library's own, on files in all the ways in which they can be written.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::list::List;
use super::*;

/// A column of each storage, some with values in all rows.
const SCHEMA: &str = "message m {
    optional binary text (utf8);
    required binary name (utf8);
    optional fixed_len_byte_array(16) amount (decimal(38,18));
    required fixed_len_byte_array(9) short (decimal(20,4));
    optional fixed_len_byte_array(20) large (decimal(40,4));
    optional int32 whole;
    required int64 instant (timestamp(millis,true));
    optional int96 old;
    optional float single;
    required double double;
    optional binary bytes (decimal(30,2));
}";

#[derive(Debug, Clone)]
struct Style {
    compression: Compression,
    version: WriterVersion,
    dictionary: bool,
    /// Beyond which a column goes on without dictionary.
    dictionary_bytes: usize,
    page_rows: usize,
    /// Encoding of what has no dictionary; `None` = what the version has.
    encoding: Option<Encoding>,
}

fn style() -> impl Strategy<Value = Style> {
    let codecs = prop::sample::select(vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ]);
    let versions =
        prop::sample::select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    let encodings = prop::sample::select(vec![None, Some(Encoding::PLAIN)]);
    let sizes = (prop::sample::select(vec![1usize, 40, 200, 1 << 20]), 1usize..60);
    (codecs, versions, any::<bool>(), sizes, encodings).prop_map(
        |(compression, version, dictionary, (dictionary_bytes, page_rows), encoding)| Style {
            compression,
            version,
            dictionary,
            dictionary_bytes,
            page_rows,
            encoding,
        },
    )
}

/// Row groups; a row is what its values are made of, `None` = as many columns as can are without one.
type Groups = Vec<Vec<Option<u16>>>;

fn groups() -> impl Strategy<Value = Groups> {
    // Runs of rows, so that levels and indices have runs, too.
    let run = (prop::option::weighted(0.7, 0u16..300), 1usize..30);
    let group = prop::collection::vec(run, 0..12).prop_map(|runs| {
        runs.into_iter().flat_map(|(row, times)| std::iter::repeat_n(row, times)).collect()
    });
    let scattered = prop::collection::vec(prop::option::of(any::<u16>()), 0..200);
    prop::collection::vec(prop_oneof![group, scattered], 1..4)
}

fn bytes_of(value: u16, width: usize) -> Vec<u8> {
    let sign = if value.is_multiple_of(3) { 0xff } else { 0 };
    let mut bytes = vec![sign; width];
    bytes[width - 2..].copy_from_slice(&value.to_be_bytes());
    bytes
}

fn fixed(value: u16, width: usize) -> FixedLenByteArray {
    ByteArray::from(bytes_of(value, width)).into()
}

fn text(value: u16) -> ByteArray {
    ByteArray::from(
        format!("text {}", "ü".repeat(usize::from(value) % 5) + &value.to_string()).into_bytes(),
    )
}

fn old(value: u16) -> Int96 {
    let mut old = Int96::new();
    old.set_data(u32::from(value) * 7, 1, 2_460_000 + u32::from(value));
    old
}

fn written(groups: &Groups, style: &Style) -> Vec<u8> {
    let mut properties = WriterProperties::builder()
        .set_compression(style.compression)
        .set_writer_version(style.version)
        .set_dictionary_enabled(style.dictionary)
        .set_dictionary_page_size_limit(style.dictionary_bytes)
        .set_data_page_row_count_limit(style.page_rows)
        .set_write_batch_size(style.page_rows);
    if let Some(encoding) = style.encoding {
        properties = properties.set_encoding(encoding);
    }
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut bytes = Vec::new();
    let mut file =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties.build())).unwrap();
    for rows in groups {
        let mut group = file.next_row_group().unwrap();
        let mut at = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            write(column.untyped(), at, rows);
            column.close().unwrap();
            at += 1;
        }
        group.close().unwrap();
    }
    file.close().unwrap();
    bytes
}

fn write(column: &mut ColumnWriter<'_>, at: usize, rows: &[Option<u16>]) {
    let required = matches!(at, 1 | 3 | 6 | 9);
    let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
    let levels = (!required).then_some(&levels[..]);
    let values: Vec<u16> = match required {
        true => rows.iter().map(|row| row.unwrap_or(7)).collect(),
        false => rows.iter().flatten().copied().collect(),
    };
    let values = values.into_iter();
    let width = [0, 0, 16, 9, 20][at.min(4)];
    let written = match column {
        ColumnWriter::Int32ColumnWriter(column) => {
            let values: Vec<i32> = values.map(|v| i32::from(v) - 100).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::Int64ColumnWriter(column) => {
            let values: Vec<i64> = values.map(|v| i64::from(v) * -86_400_000).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::Int96ColumnWriter(column) => {
            column.write_batch(&values.map(old).collect::<Vec<_>>(), levels, None)
        }
        ColumnWriter::FloatColumnWriter(column) => {
            let values: Vec<f32> = values.map(|v| f32::from(v) / -3.0).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::DoubleColumnWriter(column) => {
            let values: Vec<f64> = values.map(|v| f64::from(v) / 3.0).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::ByteArrayColumnWriter(column) => {
            let value = |v| if at == 10 { bytes_of(v, 5).into() } else { text(v) };
            column.write_batch(&values.map(value).collect::<Vec<_>>(), levels, None)
        }
        ColumnWriter::FixedLenByteArrayColumnWriter(column) => {
            let values: Vec<_> = values.map(|v| fixed(v, width)).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::BoolColumnWriter(_) => unreachable!(),
    };
    written.unwrap();
}

/// What the library reads of a column: a text for each row.
fn by_library(column: ColumnReader, rows: usize) -> Vec<Option<String>> {
    fn read<T: DataType>(
        mut column: ColumnReaderImpl<T>,
        rows: usize,
        text: impl Fn(&T::T) -> String,
    ) -> Vec<Option<String>> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let found = column.read_records(rows, Some(&mut levels), None, &mut values).unwrap();
        assert_eq!(found.0, rows);
        let mut values = values.iter().map(text);
        if levels.is_empty() {
            return values.map(Some).collect();
        }
        levels.iter().map(|level| if *level == 0 { None } else { values.next() }).collect()
    }
    match column {
        ColumnReader::Int32ColumnReader(column) => read(column, rows, i32::to_string),
        ColumnReader::Int64ColumnReader(column) => read(column, rows, i64::to_string),
        ColumnReader::Int96ColumnReader(column) => {
            read(column, rows, |value| value.to_nanos().to_string())
        }
        ColumnReader::FloatColumnReader(column) => {
            read(column, rows, |value| value.to_bits().to_string())
        }
        ColumnReader::DoubleColumnReader(column) => {
            read(column, rows, |value| value.to_bits().cast_signed().to_string())
        }
        ColumnReader::ByteArrayColumnReader(column) => {
            read(column, rows, |value| format!("{:?}", value.data()))
        }
        ColumnReader::FixedLenByteArrayColumnReader(column) => {
            read(column, rows, |value| match value.data().len() {
                0..=16 => decimal(value.data()).to_string(),
                _ => format!("{:?}", value.data()),
            })
        }
        ColumnReader::BoolColumnReader(_) => unreachable!(),
    }
}

/// The rows of the batch of a column in the same form.
fn shown(column: &Column<'_>) -> Vec<Option<String>> {
    fn numbers<T: ToString>(values: &[T], missing: &[usize]) -> Vec<Option<String>> {
        assert!(missing.is_sorted());
        let text = |(row, value): (usize, &T)| (!missing.contains(&row)).then(|| value.to_string());
        values.iter().enumerate().map(text).collect()
    }
    match &column.cells {
        Cells::Strings(cells) => {
            if let Some(key) = cells.constant() {
                assert!(cells.keys.iter().all(|other| *other == key));
            }
            let text = |key: &u32| {
                (*key != NOTHING).then(|| format!("{:?}", cells.list.bytes(*key as usize)))
            };
            cells.keys.iter().map(text).collect()
        }
        Cells::Whole(cells) => numbers(&cells.values, &cells.missing),
        Cells::Wide(cells) => numbers(&cells.values, &cells.missing),
        Cells::Nothing => Vec::new(),
    }
}

struct Opened {
    file: std::fs::File,
    bytes: u64,
    metadata: ParquetMetaData,
}

impl Opened {
    fn new(folder: &Path, bytes: &[u8]) -> Option<Self> {
        let path = folder.join("u.parquet");
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        let file = std::fs::File::open(&path).unwrap();
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).ok()?;
        Some(Self { file, bytes: bytes.len() as u64, metadata })
    }

    /// Does something with each column of each row group that can be opened.
    fn each(&self, mut of: impl FnMut(usize, usize, Column<'_>, u64)) {
        let source = Source { file: &self.file, bytes: self.bytes };
        let shapes = shapes(self.metadata.file_metadata().schema_descr());
        for (at, group) in self.metadata.row_groups().iter().enumerate() {
            let Ok(rows) = u64::try_from(group.num_rows()) else { continue };
            for shape in &shapes {
                let Some(chunk) = group.columns().get(shape.leaf) else { continue };
                if let Ok(column) = Column::new(source, shape, chunk, rows, Memory::default()) {
                    of(at, shape.leaf, column, rows);
                }
            }
        }
    }
}

/// Reads a column in batches; passes over every row group's rows that `skip` says.
fn read_all(
    column: &mut Column<'_>,
    rows: usize,
    step: usize,
    skip: usize,
) -> Result<Vec<(usize, Option<String>)>, Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < rows {
        column.clear();
        let passed = skip.min(rows - at);
        column.skip(passed)?;
        at += passed;
        let count = step.min(rows - at);
        column.read(count)?;
        found.extend((at..).zip(shown(column)));
        at += count;
    }
    column.finish()?;
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn our_reader_and_the_library_agree(
        groups in groups(),
        style in style(),
        step in 1usize..120,
        skip in prop::sample::select(vec![0usize, 0, 1, 7, 70]),
    ) {
        let bytes = written(&groups, &style);
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::new(folder.path(), &bytes).unwrap();
        let library = SerializedFileReader::new(opened.file.try_clone().unwrap()).unwrap();
        let mut columns = 0;
        opened.each(|group, leaf, mut column, rows| {
            columns += 1;
            let rows = rows as usize;
            let reader = library.get_row_group(group).unwrap().get_column_reader(leaf).unwrap();
            let expected = by_library(reader, rows);
            let found = read_all(&mut column, rows, step, skip).unwrap();
            assert!(skip > 0 || found.len() == rows);
            for (row, value) in found {
                assert_eq!(value, expected[row], "column {leaf}, row {row}");
            }
        });
        prop_assert_eq!(columns, groups.len() * 11);
    }

    /// Cut and changed files are read or refused, in memory that their bytes account for.
    #[test]
    fn damage_is_an_error_or_other_values(
        groups in groups(),
        style in style(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u32..8), 1..4),
        cut in prop::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        let mut bytes = written(&groups, &style);
        // The footer is the library's to read: what is damaged is before it, or cut out of it.
        let footer = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[footer..footer + 4].try_into().unwrap()) as usize;
        let pages = 4..footer - length;
        if pages.is_empty() {
            return Ok(());
        }
        for (at, bit) in flips {
            bytes[pages.start + at.index(pages.len())] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            bytes.drain(pages.start..pages.start + cut.index(pages.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        let Some(opened) = Opened::new(folder.path(), &bytes) else { return Ok(()) };
        let bound = 64 * bytes.len() + (4 << 20);
        opened.each(|_, _, mut column, rows| {
            if is_rare(&column) {
                return;
            }
            let _ = read_all(&mut column, rows as usize, 100, 0);
            let held = column.into_memory().held();
            assert!(held <= bound, "{held} of {bound}");
        });
    }
}

/// Whether the library reads the pages: then damage is its own to find.
fn is_rare(column: &Column<'_>) -> bool {
    let reader = match &column.cells {
        Cells::Strings(cells) => &cells.reader,
        Cells::Whole(cells) => &cells.reader,
        Cells::Wide(cells) => &cells.reader,
        Cells::Nothing => return true,
    };
    matches!(reader, Reader::Rare(_))
}

#[test]
fn texts_that_come_and_go_are_forgotten() {
    let mut list = List::new(true);
    list.set_dictionary(b"\x01\0\0\0a\x02\0\0\0bc", 2, None).unwrap();
    assert!(list.set_dictionary(b"\x01\0\0\0a\x02\0\0\0b", 2, None).is_err());
    list.set_dictionary(b"\x01\0\0\0a\x02\0\0\0bc", 2, None).unwrap();
    let mut known = Known::default();
    let see = |known: &mut Known<String>, list: &List| {
        let new = known.begin(list)..list.len();
        known.extend(new.map(|at| list.text(at).to_owned()));
    };
    let mut page = Vec::new();
    for n in 0..70_000u32 {
        let text = format!("{n}");
        page.extend((text.len() as u32).to_le_bytes());
        page.extend(text.as_bytes());
    }
    let (mut at, mut keys) = (0, Vec::new());
    list.take(&page, &mut at, 70_000, None, &mut keys).unwrap();
    see(&mut known, &list);
    assert_eq!((known.values()[1].as_str(), known.values()[2].as_str()), ("bc", "0"));
    list.renew();
    assert_eq!((list.len(), list.number(b"new").unwrap()), (2, 2));
    see(&mut known, &list);
    assert_eq!(known.values(), ["a", "bc", "new"]);
    assert!(list.number(&[0xff]).is_err());
}
