//! Headers of files that were no export: saved anew by other programs, or in other languages.

use super::{Field, LayoutError, Schema, fold};

/// Words of translated column names, folded to ASCII where that is usual.
const WORDS: [&str; 56] = [
    // German
    "datum",
    "kosten",
    "waehrung",
    "ressource",
    "ressourcen",
    "ressourcengruppe",
    "abonnement",
    "gebuehrentyp",
    "verbrauch",
    "menge",
    "abrechnungswaehrung",
    // French
    "cout",
    "devise",
    "facturation",
    "ressources",
    "groupe",
    "frais",
    "quantite",
    // Swedish
    "kostnad",
    "valuta",
    "prenumeration",
    "resurs",
    "resursgrupp",
    "faktureringsvaluta",
    // Dutch
    "resourcegroep",
    "bron",
    "bedrag",
    "factureringsvaluta",
    "hoeveelheid",
    // Spanish
    "fecha",
    "costo",
    "coste",
    "moneda",
    "divisa",
    "suscripcion",
    "recurso",
    "recursos",
    // Italian
    "sottoscrizione",
    "risorsa",
    "risorse",
    "importo",
    "addebito",
    // Portuguese
    "custo",
    "moeda",
    "assinatura",
    "cobranca",
    // Danish, Norwegian, Finnish, Polish, Czech
    "omkostning",
    "omkostninger",
    "kostnader",
    "kustannus",
    "resurssi",
    "tilaus",
    "koszt",
    "waluta",
    "zasob",
    "subskrypcja",
];

/// Whether a header is in another language than English: at least two of its names are, or all of few.
pub(super) fn is_translated(names: &[&str]) -> bool {
    let found = names.iter().filter(|name| is_foreign(name)).count();
    found >= 2 || (found == 1 && names.len() == 1)
}

fn is_foreign(name: &str) -> bool {
    // Some exports had translated names with the English one behind: `Coste (Cost)`.
    let behind = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let behind = behind.is_some_and(|(_, name)| is_known(name));
    let letters = name.chars().any(|c| !c.is_ascii() && (c.is_alphabetic() || c == '\u{fffd}'));
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    behind || letters || words.any(|word| WORDS.contains(&fold(word).as_str()))
}

fn is_known(name: &str) -> bool {
    let names = |field: &Field| [Schema::Focus, Schema::CostManagement].map(|s| field.names(s));
    let mut known = Field::ALL.iter().flat_map(names).flatten();
    known.any(|known| fold(known) == fold(name))
}

/// Whether something else than commas stands between the columns of a header that was read with
/// commas.
pub fn separated(header: &[String]) -> Option<LayoutError> {
    let line = header.join(",");
    if line.contains('\u{fffd}') {
        return Some(LayoutError::Encoding);
    }
    let separators =
        [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars"), ('^', "circumflexes")];
    let named = line.trim_start().strip_prefix("sep=").map(str::trim);
    let between = separators.iter().find(|(sign, _)| {
        let cells = line.split(*sign).count();
        (cells > 2 && cells > header.len()) || named.is_some_and(|n| n.starts_with(*sign))
    });
    if let Some((_, separator)) = between {
        return Some(LayoutError::Separated { separator });
    }
    let what = match header {
        _ if named.is_some() => "the first line is a spreadsheet program's 'sep='",
        [only] if only.starts_with("#TYPE ") => "the first line is PowerShell's '#TYPE'",
        [only] if only.split(',').count() > 2 => "each row is one quoted cell",
        _ => return None,
    };
    Some(LayoutError::SavedAnew { what })
}
