//! Opening text files: unpacked, without byte order marks, and only if they are text at all.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::{Container, IngestError, Part};

/// How much of a file is looked at to see what it is.
const HEAD: u64 = 1 << 12;

/// How much is read at a time.
const CHUNK: usize = 1 << 18;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Opens a text file, decompressing it if need be.
///
/// # Errors
/// It cannot be read, or is no UTF-8 text.
pub(super) fn open(part: &Part) -> Result<Box<dyn Read + Send>, IngestError> {
    let file = File::open(&part.path).map_err(|e| unreadable(part, &e))?;
    let file = BufReader::with_capacity(CHUNK, file);
    let mut bytes: Box<dyn Read + Send> = match part.container {
        Container::CsvGzip => Box::new(MultiGzDecoder::new(file)),
        _ => Box::new(file),
    };
    let mut head = Vec::new();
    bytes.by_ref().take(HEAD).read_to_end(&mut head).map_err(|e| unreadable(part, &e))?;
    if let Some(what) = other_than_text(&head) {
        return Err(IngestError::NotCsv { file: part.name.clone(), what });
    }
    Ok(Box::new(Unmarked::new(Cursor::new(head).chain(bytes))))
}

pub(super) fn unreadable(part: &Part, reason: &dyn std::fmt::Display) -> IngestError {
    IngestError::File { file: part.name.clone(), reason: reason.to_string() }
}

/// First bytes of formats that people take for CSV, and what they are.
const FORMATS: [(&[u8], &str); 13] = [
    (b"\xd0\xcf\x11\xe0", EXCEL),
    (b"PAR1", "a Parquet file inside another packing: give the Parquet file itself"),
    (b"\x1f\x8b", "compressed with gzip twice: decompress it once"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard: decompress it, or compress it with gzip"),
    (b"BZh", "compressed with bzip2: decompress it, or compress it with gzip"),
    (b"\xfd7zXZ", "compressed with xz: decompress it, or compress it with gzip"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4: decompress it, or compress it with gzip"),
    (b"ORC", "an ORC file: export CSV or Parquet"),
    (b"Obj\x01", "an Avro file: export CSV or Parquet"),
    (b"%PDF", "a PDF document: export CSV or Parquet"),
    (b"<", "a web page or XML, perhaps the error message of a download: download it again"),
    (b"{", "JSON: give the CSV or Parquet files of the export"),
];

const EXCEL: &str = "an Excel workbook, whatever its name says: give the CSV or Parquet file as the export wrote it";

const UTF_16: &str = "UTF-16 text, as a spreadsheet program's \"Unicode text\" or PowerShell's '>' \
                      writes it: give the file as the export wrote it, in UTF-8";

/// What a file is that is no UTF-8 text, and what to do about it.
fn other_than_text(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"PK\x03\x04") {
        let holds = |name: &[u8]| head.windows(name.len()).any(|bytes| bytes == name);
        return Some(match holds(b"xl/") || holds(b"[Content_Types].xml") {
            true => EXCEL,
            false => "a ZIP archive: unpack it and give the files in it",
        });
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(UTF_16);
    }
    // Without a mark, every other byte of mostly ASCII text is zero.
    let start = &head[..head.len().min(256)];
    let zeros = start.split(|byte| *byte == 0).count() - 1;
    if zeros >= 4 && zeros * 3 >= start.len() {
        return Some(UTF_16);
    }
    let known =
        FORMATS.iter().find(|(first, _)| head.starts_with(first) || text.starts_with(first));
    known.map(|(_, what)| *what)
}

/// Text without byte order marks at the beginning of lines. Some exports write a second one before
/// the first row, and parts that were put together have one in the middle.
struct Unmarked<R> {
    inner: R,
    /// What was read and not given yet.
    chunk: Vec<u8>,
    given: usize,
    /// Bytes at the end of the last chunk that may be the beginning of a mark.
    held: Vec<u8>,
    line_start: bool,
    ended: bool,
}

impl<R: Read> Unmarked<R> {
    fn new(inner: R) -> Self {
        let (chunk, held) = (Vec::with_capacity(CHUNK + MARK.len()), Vec::new());
        Self { inner, chunk, given: 0, held, line_start: true, ended: false }
    }

    /// Reads the next chunk and takes the marks out.
    fn fill(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.given = 0;
        self.chunk.append(&mut self.held);
        let held = self.chunk.len();
        self.chunk.resize(held + CHUNK, 0);
        let read = loop {
            match self.inner.read(&mut self.chunk[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.chunk.truncate(held + read);
        self.ended = read == 0;
        self.unmark();
        Ok(())
    }

    fn unmark(&mut self) {
        let (mut from, mut behind) = (0, 0);
        let mut marks = Vec::new();
        // Few texts have this byte at all.
        while let Some(at) = position(&self.chunk, from) {
            let rest = &self.chunk[at..];
            let first = match at {
                0 => self.line_start,
                // Behind a mark, a line begins as well.
                _ => matches!(self.chunk[at - 1], b'\n' | b'\r') || at == behind,
            };
            from = at + 1;
            if first && rest.starts_with(MARK) {
                marks.push(at);
                (from, behind) = (at + MARK.len(), at + MARK.len());
            } else if first && !self.ended && MARK.starts_with(rest) {
                self.held = self.chunk.split_off(at);
                break;
            }
        }
        self.cut(&marks);
        if let Some(last) = self.chunk.last() {
            self.line_start = matches!(last, b'\n' | b'\r');
        }
    }

    /// Takes out the marks at these places.
    fn cut(&mut self, marks: &[usize]) {
        let mut end = marks.first().copied().unwrap_or(self.chunk.len());
        for (n, at) in marks.iter().enumerate() {
            let next = marks.get(n + 1).copied().unwrap_or(self.chunk.len());
            self.chunk.copy_within(at + MARK.len()..next, end);
            end += next - at - MARK.len();
        }
        self.chunk.truncate(end);
    }
}

/// The next place, from `from` on, that may be the beginning of a mark.
fn position(bytes: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 64;
    let begins = |byte: &u8| *byte == MARK[0];
    let mut at = from;
    // A block at a time without a way out of its middle, which the compiler makes fast.
    for block in bytes[from..].chunks(BLOCK) {
        if block.iter().fold(false, |found, byte| found | begins(byte)) {
            return block.iter().position(begins).map(|place| at + place);
        }
        at += block.len();
    }
    None
}

impl<R: Read> Read for Unmarked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.chunk.len() && !self.ended {
            self.fill()?;
        }
        let left = &self.chunk[self.given..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn unmarked(text: &str, step: usize) -> String {
        let mut found = String::new();
        Unmarked::new(Slow(text.as_bytes(), step)).read_to_string(&mut found).unwrap();
        found
    }

    /// The same, line by line.
    fn judged(text: &str) -> String {
        let lines = text.split_inclusive(['\n', '\r']);
        lines.map(|line| line.trim_start_matches('\u{feff}')).collect()
    }

    proptest! {
        #[test]
        fn marks_go_at_the_beginning_of_lines_only(
            text in "(\u{feff}|a|\"|,|\n|\r|\u{fee0}|\u{fefe}|ö){0,40}",
            step in 1usize..7,
        ) {
            prop_assert_eq!(unmarked(&text, step), judged(&text));
        }
    }

    #[test]
    fn formats_that_are_no_text_are_known() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for (bytes, what) in [
            (wide("\u{feff}Date,Cost"), "UTF-16"),
            (wide("Date,Cost,Currency"), "UTF-16"),
            ("\u{feff}D,C".encode_utf16().flat_map(u16::to_be_bytes).collect(), "UTF-16"),
            (b"PK\x03\x04....xl/workbook.xml".to_vec(), "Excel"),
            (b"PK\x03\x04....[Content_Types].xml".to_vec(), "Excel"),
            (b"PK\x03\x04....usage.csv".to_vec(), "ZIP"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1".to_vec(), "Excel"),
            (b"\xef\xbb\xbf<?xml version='1.0'?>".to_vec(), "XML"),
            (b"  <!DOCTYPE html>".to_vec(), "web page"),
            (b"{\"value\": []}".to_vec(), "JSON"),
        ] {
            assert!(other_than_text(&bytes).unwrap().contains(what), "{what}");
        }
        for text in ["", "Date,Cost\n", "\u{feff}Date", "Größe;Kosten", "a\0,b,c,d,e,f"] {
            assert_eq!(other_than_text(text.as_bytes()), None, "{text}");
        }
    }
}
