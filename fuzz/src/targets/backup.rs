//! Archives of `pal restore`. Its readers are in a program and not in a library, so their files are taken in here.

#[path = "../../../crates/pal-cli/src/commands/backup/archive.rs"]
mod archive;
#[path = "../../../crates/pal-cli/src/commands/backup/manifest.rs"]
mod manifest;

use std::io::{self, Read};
use std::path::Path;

use archive::ArchiveFault;
use manifest::Manifest;
use serde_json::json;

/// An archive, or a manifest as it is. What is taken out of an archive lies below its folder.
pub fn backup(input: &[u8]) {
    let _ = serde_json::from_slice::<Manifest>(input);
    let below = Path::new("/folder");
    let taken = archive::unpack(input, |name: &Path, content: &mut dyn Read| {
        assert!(archive::is_plain(name) && below.join(name).starts_with(below));
        if name == Path::new(Manifest::NAME) {
            let mut text = Vec::new();
            content.take(1 << 16).read_to_end(&mut text)?;
            let _ = serde_json::from_slice::<Manifest>(&text);
        }
        io::copy(content, &mut io::sink()).map(drop)
    });
    match taken {
        Ok(()) => {}
        Err(ArchiveFault::Io(error)) => drop(error.to_string()),
        Err(ArchiveFault::Foreign(name)) => drop(name.display().to_string()),
    }
}

pub fn backup_seeds() -> Vec<Vec<u8>> {
    let entry = |path: &str| json!({"path": path, "bytes": 2, "sha256": "00"});
    let manifest = json!({
        "format": Manifest::FORMAT, "program": "pal 0.1.0", "takenAt": "2026-05-03T08:00:00Z",
        "record": 7, "hash": "00", "lastCheckpoint": null, "secrets": true,
        "objects": {"place": "s3://bucket", "copied": false, "files": [entry("charges/a")]},
        "files": [entry("openpal.db"), entry("keys/audit.key")],
    });
    let manifest = manifest.to_string().into_bytes();
    let mut archive = tar::Builder::new(Vec::new());
    let long = format!("charges/{}", "x".repeat(200));
    for (path, content) in [("openpal.db", &b"db"[..]), (&*long, b""), (Manifest::NAME, &manifest)]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, path, content).unwrap();
    }
    let tar = archive.into_inner().unwrap();
    // A level that keeps bytes as they are: a fuzzer sees them.
    let plain = zstd::encode_all(&tar[..], -7).unwrap();
    vec![manifest, plain, zstd::encode_all(&tar[..], 3).unwrap()]
}
