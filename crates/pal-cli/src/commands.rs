//! The commands: arguments in, result out.

pub mod account;
pub mod alerts;
pub mod attest;
pub mod audit;
pub mod az;
pub mod az_setup;
pub mod backup;
pub mod client;
pub mod cloud;
pub mod completion;
pub mod credential;
pub mod demo;
pub mod dev;
pub mod doctor;
pub mod erase;
pub mod explain;
pub mod facts;
pub mod import;
pub mod inspect;
pub mod link;
pub mod login;
pub mod managementpartner;
mod remote;
pub mod report;
pub mod serve;
pub mod usage;
