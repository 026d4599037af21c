//! Exports as they arrive: a manifest and its files, or an archive of them.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use pal_usage::{discover, landed, unpack};

use crate::scratch;

/// A manifest of either name beside the files that the fixtures' manifests list.
pub fn manifest(input: &[u8]) {
    let (first, text) = input.split_first().unwrap_or((&b'm', b""));
    let name = if *first == b'_' { "_manifest.json" } else { "manifest.json" };
    let folder = scratch::folder("export");
    fs::write(folder.join("part_0_0001.csv"), b"Date,Cost\n2026-07-01,1\n").unwrap();
    fs::write(folder.join(name), text).unwrap();
    let given = discover(std::slice::from_ref(&folder));
    let named = discover(&[folder.join(name)]);
    let inside = |path: &Path| path.starts_with(folder.canonicalize().unwrap());
    for found in [given, named].into_iter().flatten() {
        assert!(found.parts().iter().all(|part| inside(&part.path)), "a path leads elsewhere");
    }
    landed(&folder).unwrap();
}

pub fn manifest_seeds() -> Vec<Vec<u8>> {
    let exports = scratch::contents("crates/pal-usage/tests/fixtures/exports", ".json");
    let own = [
        r#"{"blobs":[{"blobName":"a/part_0_0001.csv","byteCount":24,"dataRowCount":1}],
        "blobCount":1,"byteCount":24,"dataRowCount":1,"manifestVersion":"2024-04-01"}"#,
        r#"{"blobs":[{"name":"part_0_0001.csv","size":24}]}"#,
        "{}",
    ];
    let own = own.iter().map(|text| text.as_bytes().to_vec());
    exports
        .into_iter()
        .chain(own)
        .flat_map(|text| [b"m", b"_"].map(|first| [first.as_slice(), &text].concat()))
        .collect()
}

/// Gives a few bytes at a time.
struct Slow<'i>(&'i [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(7);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Files below a folder, with their contents.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// An archive writes into its folder only, and the same whether it comes at once or a few bytes at a time.
pub fn upload(input: &[u8]) {
    let outer = scratch::folder("upload");
    let mut said = Vec::new();
    let mut written = Vec::new();
    let slow = Slow(input);
    for reader in [&mut &*input as &mut dyn Read, &mut { slow }] {
        let folder = outer.join("inner");
        fs::create_dir(&folder).unwrap();
        let unpacked = unpack(reader, &folder);
        said.push(match unpacked {
            Ok(unpacked) => format!("{:?}", unpacked.found().map_err(|error| error.to_string())),
            Err(error) => error.to_string(),
        });
        written.push(tree(&outer));
        let others: Vec<_> = fs::read_dir(&outer).unwrap().flatten().collect();
        assert_eq!(others.len(), 1, "a file was written elsewhere");
        fs::remove_dir_all(&folder).unwrap();
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(written[0], written[1]);
}

pub fn upload_seeds() -> Vec<Vec<u8>> {
    let run = "crates/pal-usage/tests/fixtures/exports/daily/20260601-20260630";
    let files: Vec<(String, Vec<u8>)> = scratch::fixtures(run)
        .into_iter()
        .map(|(name, content)| (name.rsplit('/').next().unwrap().to_owned(), content))
        .collect();
    let archive = |folder: &str, names: Option<&str>| {
        let mut archive = tar::Builder::new(Vec::new());
        let mut add = |path: &str, content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o600);
            archive.append_data(&mut header, path, content).unwrap();
        };
        if let Some(names) = names {
            add("names.json", names.as_bytes());
        }
        for (name, content) in &files {
            add(&format!("{folder}/{name}"), content);
        }
        archive.into_inner().unwrap()
    };
    vec![
        archive("0", None),
        archive("0", Some(r#"{"0/manifest.json":"july/manifest.json"}"#)),
        // A path that has an entry of its own.
        archive(&"long".repeat(40), None),
    ]
}
