//! The portal's server side as a browser, another site and an attacker see it, without a socket.

mod browser;
mod changes;
mod directory;
mod elsewhere;
mod links;
mod matrix;
mod pages;
mod returns;
mod sessions;
mod sign_in;
mod world;
