//! Who may look at what. None of it makes credit.

use serde_json::json;

use super::facts::{ALWAYS, Fact, Fields, Span, write_all};
use super::ids;

/// These hold always.
macro_rules! fact {
    ($type:ident, $kind:literal, |$it:ident| $fields:expr) => {
        impl Fact for $type {
            const KIND: &'static str = $kind;
            fn fields(&self) -> Fields {
                let $it = self;
                $fields
            }
            fn span(&self) -> Span {
                ALWAYS
            }
        }
    };
}

struct Viewer(&'static str, &'static str, &'static str, &'static str);
fact!(Viewer, "viewer", |it| vec![
    ("tenant", json!(it.0)),
    ("object", json!(it.1)),
    ("partner", json!(it.2)),
    ("level", json!(it.3)),
]);

struct LinkAdministrator(&'static str, &'static str, &'static str);
fact!(LinkAdministrator, "linkAdministrator", |it| vec![
    ("tenant", json!(it.0)),
    ("object", json!(it.1)),
    ("partner", json!(it.2)),
]);

struct Auditor(&'static str, &'static str);
fact!(Auditor, "auditor", |it| vec![("tenant", json!(it.0)), ("object", json!(it.1))]);

struct Privacy(&'static str, &'static str);
fact!(Privacy, "privacy", |it| vec![("tenant", json!(it.0)), ("level", json!(it.1))]);

/// Ada sees what Contoso earns, Björn runs its partner operations, Bram sees its reports without money;
/// Frida and Tove look after their own directories.
pub fn write(out: &mut String) {
    write_all(
        &[
            Viewer(ids::CONTOSO, ids::ADA_HOME, ids::CONTOSO_GLOBAL, "executive"),
            Viewer(ids::CONTOSO, ids::BJORN_HOME, ids::CONTOSO_GLOBAL, "executive"),
            Viewer(ids::CONTOSO, ids::BRAM_HOME, ids::UTRECHT, "viewer"),
            Viewer(ids::ADATUM, ids::IVO_HOME, ids::ADATUM_GLOBAL, "executive"),
        ],
        out,
    );
    write_all(&[LinkAdministrator(ids::CONTOSO, ids::BJORN_HOME, ids::CONTOSO_GLOBAL)], out);
    write_all(
        &[
            Auditor(ids::FABRIKAM, ids::FRIDA_IN_FABRIKAM),
            Auditor(ids::TAILWIND, ids::TOVE_IN_TAILWIND),
        ],
        out,
    );
    write_all(&[Privacy(ids::NORTHWIND, "tenant-total")], out);
}
