//! Erasing a person: what is asked for, and what was done.

use pal_model::{Instant, Principal};

use crate::{Actor, StoreError};

/// A person to erase.
#[derive(Debug, Clone)]
pub struct PersonErasure {
    /// Accounts of the person. Those with the same sign-in, sign-in name or address as one of them are erased,
    /// too.
    pub accounts: Vec<Principal>,
    /// When.
    pub at: Instant,
    /// For the audit log.
    pub actor: Actor,
}

/// What is kept of a person beside identifiers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The accounts in all directories, in their order.
    pub accounts: Vec<Principal>,
    /// The names that facts give them, in their order.
    pub names: Vec<String>,
    /// The sign-in names that facts give them.
    pub sign_in_names: Vec<String>,
    /// Sign-in names at the embedded issuer.
    pub logins: Vec<String>,
    /// Facts that hold a name of the person, or more about the person than reports need.
    pub facts: usize,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Who was erased.
    pub person: Person,
    /// Why the names may still be in free space of the store's files, from where no reader gets them; `None` = they are
    /// overwritten. Erasing again overwrites them.
    pub not_overwritten: Option<String>,
}

/// Why nobody was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Neither a fact nor a sign-in has the account.
    #[error("nothing is known of the account {0}")]
    Unknown(Principal),
    /// The account is a group or an application.
    #[error("{0} is not the account of a person")]
    NotAPerson(Principal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
