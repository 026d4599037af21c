//! Parquet files byte by byte, so that they can lie: the compact protocol of Thrift, and as much of
//! the format as one column chunk of one page needs.

/// A value of a field.
pub enum Value {
    /// Any whole number.
    Int(i64),
    Text(Vec<u8>),
    Struct(Vec<u8>),
    Structs(Vec<Vec<u8>>),
    Ints(Vec<i64>),
    Texts(Vec<&'static str>),
    /// A list that says that it has so many structures, and has none.
    Claimed(u64),
}

use Value::{Claimed, Int, Ints, Struct, Structs, Text, Texts};

fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn zigzag(n: i64, out: &mut Vec<u8>) {
    varint((n << 1 ^ n >> 63).cast_unsigned(), out);
}

fn long(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

fn list(kind: u8, count: u64, out: &mut Vec<u8>) {
    if count < 15 {
        out.push((count as u8) << 4 | kind);
    } else {
        out.push(0xf0 | kind);
        varint(count, out);
    }
}

/// A structure of fields, by rising numbers.
pub fn structure(fields: &[(u8, Value)]) -> Vec<u8> {
    let (mut out, mut last) = (Vec::new(), 0);
    for (number, value) in fields {
        // Numbers are written as i32 where they fit: readers take either.
        let kind = match value {
            Int(n) if i32::try_from(*n).is_ok() => 5,
            Int(_) => 6,
            Text(_) => 8,
            Struct(_) => 12,
            Structs(_) | Ints(_) | Texts(_) | Claimed(_) => 9,
        };
        out.push((number - last) << 4 | kind);
        last = *number;
        match value {
            Int(n) => zigzag(*n, &mut out),
            Text(text) => {
                varint(text.len() as u64, &mut out);
                out.extend(text);
            }
            Struct(bytes) => out.extend(bytes),
            Structs(all) => {
                list(12, all.len() as u64, &mut out);
                out.extend(all.concat());
            }
            Ints(all) => {
                list(5, all.len() as u64, &mut out);
                for n in all {
                    zigzag(*n, &mut out);
                }
            }
            Texts(all) => {
                list(8, all.len() as u64, &mut out);
                for text in all {
                    varint(text.len() as u64, &mut out);
                    out.extend(text.as_bytes());
                }
            }
            Claimed(count) => list(12, *count, &mut out),
        }
    }
    out.push(0);
    out
}

/// What a file says of itself, true or not.
#[derive(Clone)]
pub struct Claims {
    /// In the footer.
    pub rows: i64,
    /// In each column's metadata.
    pub values: i64,
    /// In the header of each data page.
    pub page_values: i64,
    /// The length of the one run in each data page.
    pub run: u64,
    /// Added to the size of each data page, uncompressed.
    pub uncompressed: i64,
    /// Added to the size of each data page, compressed.
    pub compressed: i64,
    /// In the header of each dictionary.
    pub texts: i64,
    /// 0 none, 1 Snappy, 2 gzip.
    pub codec: i64,
    /// Row groups that are only claimed.
    pub groups: Option<u64>,
    /// Children of the root that the schema claims.
    pub children: Option<i64>,
}

impl Claims {
    /// The truth of a file with so many equal rows.
    pub fn honest(rows: i64) -> Self {
        Self {
            rows,
            values: rows,
            page_values: rows,
            run: rows.cast_unsigned(),
            uncompressed: 0,
            compressed: 0,
            texts: 1,
            codec: 0,
            groups: None,
            children: None,
        }
    }
}

const COLUMNS: [(&str, &str); 7] = [
    ("ChargePeriodStart", "2026-06-01T00:00:00Z"),
    ("ChargePeriodEnd", "2026-06-02T00:00:00Z"),
    ("EffectiveCost", "1000000"),
    ("BillingCurrency", "EUR"),
    ("ChargeCategory", "Usage"),
    ("ResourceId", "/subscriptions/fab00000-5000-4000-8000-000000000001/resourceGroups/a"),
    ("SubAccountId", "/subscriptions/fab00000-5000-4000-8000-000000000001"),
];

/// A page: header, then data.
fn page(kind: i64, sizes: (i64, i64), own: (u8, Vec<u8>), data: &[u8], out: &mut Vec<u8>) {
    let length = long(data.len());
    out.extend(structure(&[
        (1, Int(kind)),
        (2, Int(length + sizes.0)),
        (3, Int(length + sizes.1)),
        (own.0, Struct(own.1)),
    ]));
    out.extend(data);
}

/// A file whose columns are one text each, repeated by one run.
pub fn file(claims: &Claims) -> Vec<u8> {
    let mut out = b"PAR1".to_vec();
    let mut chunks = Vec::new();
    let root = claims.children.unwrap_or(long(COLUMNS.len()));
    let mut schema = vec![structure(&[(4, Text(b"schema".to_vec())), (5, Int(root))])];
    for (name, value) in COLUMNS {
        let start = long(out.len());
        let mut dictionary = (value.len() as u32).to_le_bytes().to_vec();
        dictionary.extend(value.as_bytes());
        let own = structure(&[(1, Int(claims.texts)), (2, Int(0))]);
        page(2, (0, 0), (7, own), &dictionary, &mut out);
        let data_at = long(out.len());
        let mut data = vec![1];
        varint(claims.run << 1, &mut data);
        data.push(0);
        let own = [(1, Int(claims.page_values)), (2, Int(8)), (3, Int(3)), (4, Int(3))];
        let sizes = (claims.uncompressed, claims.compressed);
        page(0, sizes, (5, structure(&own)), &data, &mut out);
        let size = long(out.len()) - start;
        let meta = structure(&[
            (1, Int(6)),
            (2, Ints(vec![0, 3, 8])),
            (3, Texts(vec![name])),
            (4, Int(claims.codec)),
            (5, Int(claims.values)),
            (6, Int(size)),
            (7, Int(size)),
            (9, Int(data_at)),
            (11, Int(start)),
        ]);
        chunks.push(structure(&[(2, Int(start)), (3, Struct(meta))]));
        schema.push(structure(&[
            (1, Int(6)),
            (3, Int(0)),
            (4, Text(name.as_bytes().to_vec())),
            (6, Int(0)),
        ]));
    }
    let size = long(out.len());
    let group = structure(&[(1, Structs(chunks)), (2, Int(size)), (3, Int(claims.rows))]);
    let groups = claims.groups.map_or(Structs(vec![group]), Claimed);
    let footer =
        structure(&[(1, Int(1)), (2, Structs(schema)), (3, Int(claims.rows)), (4, groups)]);
    out.extend(&footer);
    out.extend((footer.len() as u32).to_le_bytes());
    out.extend(b"PAR1");
    out
}
