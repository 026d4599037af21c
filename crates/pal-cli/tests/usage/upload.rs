//! Uploads to a service, over a bare socket: hostile ones are cut off on the way.

use std::io::Write;

use crate::support::running::{Answer, Running, connect, read_answer};

/// An archive with files; those without a folder are in one.
pub fn packed(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        let name = if name.contains('/') { name.clone() } else { format!("v/{name}") };
        archive.append_data(&mut header, name, &content[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Sends an archive as the operator, with the parameters of `query`.
pub fn upload(service: &Running, query: &str, archive: &[u8]) -> Answer {
    let client = service.client(0);
    let head = client.request("POST", &format!("/api/v1/usage/imports?{query}"));
    let length = format!("Content-Length: {}\r\nConnection: close", archive.len());
    let head = head.replace("Content-Length: 0", &length);
    let mut stream = connect(service.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // A client that is refused on the way need not send the rest.
    let _ = stream.write_all(archive);
    read_answer(&mut stream).unwrap()
}
