//! The embedded issuer as a browser, a program and an attacker see it, without a socket.

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
