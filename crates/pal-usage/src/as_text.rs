//! Values that go between processes and into tables as the texts that they print.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer, de};

/// As it prints.
pub fn serialize<T: Display, S: Serializer>(value: &T, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(value)
}

pub fn deserialize<'de, T, D>(input: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    String::deserialize(input)?.parse().map_err(de::Error::custom)
}

/// The same for amounts with their currencies.
pub mod costs {
    use pal_model::Money;
    use serde::ser::SerializeSeq;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(costs: &[(String, Money)], out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(Some(costs.len()))?;
        for (currency, cost) in costs {
            list.serialize_element(&(currency, cost.to_string()))?;
        }
        list.end()
    }

    pub fn deserialize<'de, D>(input: D) -> Result<Vec<(String, Money)>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let pairs = Vec::<(String, String)>::deserialize(input)?;
        let cost = |(currency, cost): (String, String)| Ok((currency, cost.parse()?));
        let costs: Result<_, pal_model::MoneyError> = pairs.into_iter().map(cost).collect();
        costs.map_err(de::Error::custom)
    }
}
