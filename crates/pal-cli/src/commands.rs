//! The commands: arguments in, result out.

pub mod account;
pub mod az;
pub mod az_setup;
pub mod client;
pub mod cloud;
pub mod completion;
pub mod doctor;
pub mod explain;
pub mod import;
pub mod inspect;
pub mod link;
pub mod login;
pub mod managementpartner;
pub mod report;
