//! A row on its way into a charge file.

use pal_model::ChargeTraits;

/// What pieces are told apart by; the last two are codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub statement: usize,
    pub month: (i16, i8),
    pub subscription: u32,
    pub account: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Row {
    pub unit: Unit,
    pub day: i32,
    pub resource: u32,
    pub period: u32,
    pub group: u32,
    pub currency: u32,
    pub category: u32,
    pub service: u32,
    pub billing_period: u32,
    pub invoice: u32,
    pub traits: ChargeTraits,
    pub cost: i128,
}
