//! The 28 known causes of missing credit: for each that can be decided a small world in which it is
//! the first that fails, and one in which it passes; and what holds in every world.

mod access;
mod commands;
mod counting;
mod every;
mod links;
mod table;
mod world;
