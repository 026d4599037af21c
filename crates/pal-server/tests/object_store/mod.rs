//! Charge files in an object store: in a folder, in memory, and in one that speaks S3, with all that
//! can go wrong on the way there and back.

mod counted_once;
mod faults;
mod homes;
mod s3;
mod world;
