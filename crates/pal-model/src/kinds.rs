//! What is derived from the table of kinds in [`fact`](crate::fact).

use std::fmt::{Display, Write};

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};

use crate::fold;

macro_rules! kinds {
    ($(
        $kind:literal $list:ident $variant:ident($type:ty): $($about:ident)+ $(, once $what:expr)?;
    )*) => {
        /// A fact of any kind.
        #[derive(Debug, Clone, Serialize)]
        #[serde(tag = "kind", rename_all = "camelCase")]
        pub enum Fact {
            $(
                #[doc = concat!("`", $kind, "`")]
                $variant($type),
            )*
        }

        impl Fact {
            /// Every kind.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The kind.
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $kind,)*
                }
            }

            /// What the fact is about, folded: two facts of one kind and subject are about one thing.
            pub fn subject(&self) -> String {
                match self {
                    $(Self::$variant(fact) => fact.subject(),)*
                }
            }

            /// The JSON object of the fact: `kind` and its fields, without times.
            pub fn object(&self) -> serde_json::Map<String, serde_json::Value> {
                match serde_json::to_value(self) {
                    Ok(serde_json::Value::Object(object)) => object,
                    // Texts, lists and flags can always be written.
                    _ => serde_json::Map::new(),
                }
            }

            /// The fields a kind takes beside those that every line may have.
            pub fn fields(kind: &str) -> &'static [&'static str] {
                match kind {
                    $($kind => $crate::kinds::fields_of::<$type>(),)*
                    _ => &[],
                }
            }

            /// Reads the fact of `kind` from a whole line; `None` = there is no such kind.
            pub(crate) fn read(kind: &str, line: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $($kind => Some(serde_json::from_str(line).map(Self::$variant)),)*
                    _ => None,
                }
            }
        }

        $(impl $type {
            /// See [`Fact::subject`].
            pub fn subject(&self) -> String {
                $crate::kinds::subject_of(&[$(&self.$about),+])
            }
        }

        impl From<$type> for Fact {
            fn from(fact: $type) -> Self {
                Self::$variant(fact)
            }
        })*

        /// Facts by kind, in the order they were read. A copy shares every list with the original until
        /// one of them changes it.
        #[derive(Debug, Clone, Default)]
        pub struct Facts {
            /// Names of the files read.
            pub files: Vec<String>,
            $(
                #[doc = concat!("Facts of the kind `", $kind, "`.")]
                pub $list: Shared<Stated<$type>>,
            )*
            /// Lines of which the times are not all evidence.
            pub marks: Arc<BTreeMap<Source, Mark>>,
            /// Remarks about lines that were taken but look wrong: unknown fields.
            pub remarks: Vec<String>,
        }

        impl Facts {
            /// How many facts there are.
            pub fn len(&self) -> usize {
                0 $(+ self.$list.len())*
            }

            pub(crate) fn push(
                &mut self,
                fact: Fact,
                during: Interval,
                recorded_at: Option<Instant>,
                source: Source,
            ) {
                match fact {
                    $(Fact::$variant(fact) => {
                        self.$list.push(Stated { fact, during, recorded_at, source });
                    })*
                }
            }

            /// Checks that one fact at a time states what only one may state.
            pub(crate) fn check_once(&self) -> Result<(), FactError> {
                $($(self.one_at_a_time(&self.$list, <$type>::subject, $what)?;)?)*
                Ok(())
            }
        }
    };
}

/// Facts about an account: it is the pair of directory and object, never the object alone (R3).
macro_rules! accounts {
    ($($type:ty)*) => {
        $(impl $type {
            /// The account that the fact is about.
            pub const fn principal(&self) -> Principal {
                Principal::new(self.tenant, self.object)
            }
        })*
    };
}
pub(crate) use {accounts, kinds};

/// The subject that these identifiers make: one after the other, in the form in which names are compared.
pub fn subject_of(parts: &[&dyn Display]) -> String {
    let mut text = String::with_capacity(80);
    for (at, part) in parts.iter().enumerate() {
        let between = if at > 0 { " " } else { "" };
        // Nothing can fail in writing to a text.
        let _ = write!(text, "{between}{part}");
    }
    fold(&text)
}

/// The fields of a type, as its derived `Deserialize` names them.
pub fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Names<'n>(&'n mut &'static [&'static str]);
    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = Error;

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            *self.0 = fields;
            Err(Error::custom(""))
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom(""))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names: &[&str] = &[];
    drop(T::deserialize(Names(&mut names)));
    names
}
