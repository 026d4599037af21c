//! Cost files.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use pal_attribution::ingest::{Container, Part, ReadOptions, inspect};

use crate::scratch;

/// Everything that is said of a file, or why it is refused: every row of it is read.
fn read(file: &str, content: &[u8], container: Container) -> Result<String, String> {
    let path = scratch::file(file, content);
    let part = Part { name: "costs".to_owned(), ..Part::new(path, container) };
    let found = inspect(&[part], &ReadOptions::default(), 3);
    found.map(|found| found.to_string()).map_err(|error| error.to_string())
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The same text says the same, packed in two pieces.
pub fn csv(input: &[u8]) {
    let plain = read("costs.csv", input, Container::Csv);
    let (first, second) = input.split_at(input.len() / 2);
    let pieces = [packed(first), packed(second)].concat();
    let gzip = read("costs.csv.gz", &pieces, Container::CsvGzip);
    assert_eq!(plain, gzip);
}

pub fn csv_seeds() -> Vec<Vec<u8>> {
    let mut seeds = scratch::contents("crates/pal-attribution/tests/fixtures/usage", ".csv");
    seeds.extend(scratch::contents("crates/pal-usage/tests/fixtures/exports", ".csv"));
    seeds
}

pub fn gzip(input: &[u8]) {
    let _ = read("costs.csv.gz", input, Container::CsvGzip);
}

pub fn gzip_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = csv_seeds().iter().map(|text| packed(text)).collect();
    // One line that is a thousand times as long as its packed form.
    let line = [b"ResourceId,".as_slice(), &vec![b'a'; 4 << 20]].concat();
    seeds.push(packed(&line));
    seeds
}

pub fn parquet(input: &[u8]) {
    let _ = read("costs.parquet", input, Container::Parquet);
}

pub fn parquet_seeds() -> Vec<Vec<u8>> {
    let mut seeds = scratch::contents("crates/pal-usage/tests/fixtures/charges", ".parquet");
    seeds.extend(scratch::contents("fuzz/seeds/cost_parquet", ".parquet"));
    seeds
}
