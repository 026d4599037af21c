//! The bytes of one column chunk, read from the file in large blocks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::fault::Fault;

/// Bytes read at a time: few calls, and little memory for each column.
const BLOCK: u64 = 256 << 10;

pub struct Window<'f> {
    file: &'f File,
    block: Vec<u8>,
    /// Where the block begins in the file.
    start: u64,
    /// Where the next bytes are taken.
    at: u64,
    /// The end of the chunk; inside the file.
    end: u64,
}

impl<'f> Window<'f> {
    /// A window on some bytes of a file that has so many.
    ///
    /// # Errors
    /// The file is shorter: nothing is allocated for bytes that are not there.
    pub fn new(
        file: &'f File,
        file_bytes: u64,
        start: u64,
        bytes: u64,
        block: Vec<u8>,
    ) -> Result<Self, Fault> {
        let end = start.checked_add(bytes).filter(|end| *end <= file_bytes);
        let end = end.ok_or(Fault::Damaged("a column is outside the file"))?;
        let mut window = Self { file, block, start, at: start, end };
        window.block.clear();
        Ok(window)
    }

    pub const fn left(&self) -> u64 {
        self.end - self.at
    }

    /// The next bytes, which stay the next ones; fewer where the chunk ends.
    pub fn peek(&mut self, bytes: u64) -> io::Result<&[u8]> {
        let bytes = bytes.min(self.left());
        let known = self.start + self.block.len() as u64;
        if self.at + bytes > known {
            self.fill(bytes)?;
        }
        let from = (self.at - self.start) as usize;
        Ok(&self.block[from..from + bytes as usize])
    }

    /// Goes on behind some bytes. The caller has seen that there are so many.
    pub fn pass(&mut self, bytes: u64) {
        self.at = self.at.saturating_add(bytes).min(self.end);
    }

    /// Reads on until there are so many bytes behind the place, or more.
    fn fill(&mut self, bytes: u64) -> io::Result<()> {
        let known = self.start + self.block.len() as u64;
        let kept = if self.at < known {
            let from = (self.at - self.start) as usize;
            self.block.copy_within(from.., 0);
            self.block.len() - from
        } else {
            0
        };
        self.start = self.at;
        let length = bytes.max(BLOCK).min(self.left()) as usize;
        self.block.resize(length.max(kept), 0);
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.start + kept as u64))?;
        file.read_exact(&mut self.block[kept..])
    }

    /// The memory, for another window.
    pub fn into_block(self) -> Vec<u8> {
        self.block
    }
}
