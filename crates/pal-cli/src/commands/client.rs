//! The commands that speak to a cloud.

use super::{account, az, cloud, completion, doctor, link, login, managementpartner};
use crate::args::client::ClientCommand;
use crate::printer::{Failure, Printer};

pub fn run(command: &ClientCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        ClientCommand::Cloud(command) => cloud::run(command, printer),
        ClientCommand::Login(args) => login::run(args, printer),
        ClientCommand::Logout(args) => account::logout(args, printer),
        ClientCommand::Account(command) => account::run(command, printer),
        ClientCommand::Partner(command) => managementpartner::run(command, printer),
        ClientCommand::Link(command) => link::run(command, printer),
        ClientCommand::Doctor(args) => doctor::run(args, printer),
        ClientCommand::Az(command) => az::run(command, printer),
        ClientCommand::Completion(args) => completion::run(args),
    }
}
