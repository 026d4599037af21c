//! Certificates that are trusted, and those that are not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::client::Desk;

/// A server over TLS whose certificate this CA has signed; its address and the CA.
fn start() -> (String, String) {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, key);
    let own_key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&own_key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own_key.serialize_der()).unwrap();
    let config = Arc::new(config.with_single_cert(vec![own.der().clone()], key).unwrap());
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", socket.local_addr().unwrap().port());
    let base = url.clone();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let body = format!(
                r#"{{"name":"Pal","resourceManager":"{base}","suffixes":{{}},"authentication":{{"loginEndpoint":"{base}","audiences":["{base}/"]}}}}"#
            );
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            // A client that does not trust us has gone already.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    (url, ca.pem())
}

#[test]
fn a_certificate_that_nobody_knows_is_refused_with_the_way_to_trust_it() {
    let (url, ca) = start();
    let desk = Desk::new();
    let register = ["cloud", "register", "-n", "safe", "--endpoint-resource-manager", &url];
    let done = desk.pal(&register);
    assert_eq!(done.status, 1);
    assert!(
        done.err.starts_with(&format!("ERROR: The certificate of {url} is not trusted: ")),
        "{done:?}"
    );
    assert!(done.err.contains("--ca-file <ca.pem>"), "{done:?}");

    std::fs::write(desk.dir.path().join("ca.pem"), &ca).unwrap();
    let done = desk.pal(&[&register[..], &["--ca-file", "ca.pem"]].concat());
    assert_eq!(done.status, 0, "{done:?}");
    for variable in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
        let done = desk.command().args(register).env(variable, "ca.pem").output().unwrap();
        assert!(done.status.success(), "{variable}: {done:?}");
    }
    let done = desk.pal(&[&register[..], &["--ca-file", "nothing.pem"]].concat());
    assert!(done.status == 1 && done.err.contains("Cannot read the certificates in"), "{done:?}");
}
