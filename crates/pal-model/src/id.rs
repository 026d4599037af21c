//! Identifiers. GUIDs compare without regard to ASCII case and print in the casing they came in.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not the hyphenated 36 character form.
    #[error("'{0}' is not a GUID (expected 8-4-4-4-12 hexadecimal digits)")]
    Guid(String),
    /// Not 1 to 10 digits without a leading zero.
    #[error("'{0}' is not a partner ID (expected 1 to 10 digits, for example 5127255)")]
    Partner(String),
}

/// A GUID that remembers its casing but ignores it in comparisons.
///
/// One bit per hexadecimal digit records upper case, so that the value stays `Copy` and what is
/// shown keeps the casing first seen.
#[derive(Clone, Copy)]
pub struct Guid {
    value: u128,
    upper: u32,
}

impl Guid {
    /// The all-zero GUID: "everyone" in a deny assignment, "no subscription" in old exports.
    pub const ZERO: Self = Self { value: 0, upper: 0 };

    /// The GUID of a number, shown in lower case.
    pub const fn from_value(value: u128) -> Self {
        Self { value, upper: 0 }
    }

    /// The GUID of version 4 with these random bits, of which the six that tell the version are overwritten.
    pub const fn from_random(bits: u128) -> Self {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        Self::from_value(bits & !VERSION & !VARIANT | 4 << 76 | 0b10 << 62)
    }

    /// The number behind the digits.
    pub const fn value(self) -> u128 {
        self.value
    }
}

impl FromStr for Guid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        let refuse = || IdError::Guid(text.chars().take(80).collect());
        if bytes.len() != 36 {
            return Err(refuse());
        }
        let (mut value, mut upper) = (0u128, 0u32);
        for (at, &byte) in bytes.iter().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(refuse());
                }
                continue;
            }
            let digit = (byte as char).to_digit(16).ok_or_else(refuse)?;
            value = value << 4 | u128::from(digit);
            upper = upper << 1 | u32::from(byte.is_ascii_uppercase());
        }
        Ok(Self { value, upper })
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; 36];
        let mut digit = 0;
        for (at, byte) in text.iter_mut().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                continue;
            }
            let nibble = (self.value >> (124 - 4 * digit)) as u8 & 15;
            *byte = b"0123456789abcdef"[nibble as usize];
            if self.upper >> (31 - digit) & 1 == 1 {
                byte.make_ascii_uppercase();
            }
            digit += 1;
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Guid {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl Eq for Guid {}
impl Hash for Guid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
impl PartialOrd for Guid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Guid {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

/// What is written as a text and read from one.
macro_rules! texts {
    ($($type:ty)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(input)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}
texts!(Guid crate::Instant crate::ScopePath);

macro_rules! guid_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Guid);

        impl $name {
            /// The GUID inside.
            pub const fn guid(self) -> Guid {
                self.0
            }
        }
        impl From<Guid> for $name {
            fn from(guid: Guid) -> Self {
                Self(guid)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

guid_id! {
    /// A tenant (directory).
    TenantId
    /// An object of a directory: user, service principal, managed identity or group. Never used
    /// alone: an identity is a [`Principal`].
    ObjectId
    /// A subscription.
    SubscriptionId
    /// A role definition.
    RoleId
}

/// An identity or a group: the object *in its tenant* (R3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal {
    /// The directory the object lives in.
    pub tenant: TenantId,
    /// The object's id there.
    pub object: ObjectId,
}

impl Principal {
    /// The pair.
    pub const fn new(tenant: TenantId, object: ObjectId) -> Self {
        Self { tenant, object }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of tenant {}", self.object, self.tenant)
    }
}

/// A partner ID: 1 to 10 digits (R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartnerId(u64);

impl PartnerId {
    /// The number: ties between locations go to the lowest (R27).
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for PartnerId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refuse = || IdError::Partner(text.chars().take(80).collect());
        let digits = (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !digits || text.starts_with('0') {
            return Err(refuse());
        }
        text.parse().map(Self).map_err(|_| refuse())
    }
}

impl fmt::Display for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for PartnerId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartnerId {
    /// Takes `"5127255"` and `5127255`: people write both.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written<'a> {
            Number(u64),
            #[serde(borrow)]
            Text(std::borrow::Cow<'a, str>),
        }
        let parsed = match Written::deserialize(input)? {
            Written::Number(number) => number.to_string().parse(),
            Written::Text(text) => text.parse(),
        };
        parsed.map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_guids_tell_their_version() {
        for (bits, guid) in [
            (0, "00000000-0000-4000-8000-000000000000"),
            (u128::MAX, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        ] {
            assert_eq!(Guid::from_random(bits).to_string(), guid);
        }
    }

    #[test]
    fn guid_ignores_and_keeps_case() {
        let lower: Guid = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635".parse().unwrap();
        let mixed: Guid = "8E3AF657-A8ff-443c-a75c-2fe8c4bcb63F".parse().unwrap();
        assert_ne!(lower, mixed);
        assert_eq!(mixed.to_string(), "8E3AF657-A8ff-443c-a75c-2fe8c4bcb63F");
        assert_eq!(lower, "8E3AF657-A8FF-443C-A75C-2FE8C4BCB635".parse().unwrap());
    }

    #[test]
    fn wrong_ids_are_refused() {
        for text in ["", "8e3af657a8ff443ca75c2fe8c4bcb635", "{8e3af657-a8ff-443c-a75c-2fe8c4bcb6}"]
        {
            assert!(text.parse::<Guid>().is_err(), "{text}");
        }
        for text in ["", "12345678901", "12a", "-1", "007", "١٢٣", " 12"] {
            assert!(text.parse::<PartnerId>().is_err(), "{text}");
        }
        assert_eq!("5127255".parse::<PartnerId>().unwrap().number(), 5_127_255);
    }
}
