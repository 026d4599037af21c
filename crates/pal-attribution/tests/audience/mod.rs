//! What readers are told: never anything of others, and always the truth about their own.

mod generated;
mod shown;
