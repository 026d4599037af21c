//! A token issuer for measurements and tests: one RSA key, whose public half it shows on loopback,
//! and tokens for whomever the caller names. A service under test is configured to trust it, as it
//! would be told to trust any other issuer.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The key's name in headers and key set.
const KEY: &str = "measure-1";

/// The issuer. Its key set is served until the process ends.
pub struct Issuer {
    key: KeyPair,
    url: String,
    keys: String,
}

impl Issuer {
    /// Makes a key and starts to show it.
    ///
    /// # Errors
    /// No port on loopback, or no randomness.
    pub fn start() -> io::Result<Self> {
        let failed = |_| io::Error::other("cannot make a key");
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        let keys = json!({"keys": [public(&key)?]}).to_string();
        let discovery = json!({
            "issuer": url,
            "jwks_uri": format!("{url}/keys"),
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let discovery = discovery.to_string();
        let issuer = Self { key, url, keys };
        let keys = issuer.keys().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who hangs up asks again.
                let _ = answer(stream, &keys, &discovery);
            }
        });
        Ok(issuer)
    }

    /// What tokens name as their issuer; discovery and keys are below it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its key set.
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// A token of a service principal (tenant, object) for an audience, from `now` (Unix seconds)
    /// for two hours.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn token(&self, who: (&str, &str), audience: &str, now: i64) -> io::Result<String> {
        let (tenant, object) = who;
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": KEY});
        let claims = json!({
            "iss": self.url,
            "aud": audience,
            "tid": tenant,
            "oid": object,
            "sub": object,
            "azp": "bec40000-7000-4000-8000-000000000001",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 7_200,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let failed = |_| io::Error::other("the key cannot sign");
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(failed)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The public half as a JSON web key.
fn public(key: &KeyPair) -> io::Result<Value> {
    // PKCS #1: a sequence of the modulus, with a zero before it, and the exponent 65537.
    let der = key.public_key().as_ref();
    let (Some(modulus), Some([2, 3, exponent @ ..])) = (der.get(9..265), der.get(265..)) else {
        return Err(io::Error::other("the public key has another form"));
    };
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Ok(json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY,
        "n": part(modulus), "e": part(exponent),
    }))
}

fn answer(mut stream: TcpStream, keys: &str, discovery: &str) -> io::Result<()> {
    let mut head = [0; 4096];
    let mut read = 0;
    while !head[..read].windows(4).any(|end| end == b"\r\n\r\n") && read < head.len() {
        match stream.read(&mut head[read..])? {
            0 => return Ok(()),
            more => read += more,
        }
    }
    let body = if head.starts_with(b"GET /keys ") { keys } else { discovery };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}
