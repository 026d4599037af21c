//! The embedded issuer as a browser, a program and an attacker see it, without a socket.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod answers;
mod assertions;
mod clients;
mod codes;
mod device;
mod flow;
mod forgery;
mod pages;
mod passwords;
mod people;
mod redirects;
mod refresh;
mod support;
mod wire;
