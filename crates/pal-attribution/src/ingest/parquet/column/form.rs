//! What a column holds, by the schema of its file.

use ::parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::schema::types::{BasicTypeInfo, SchemaDescriptor, Type};

/// What the values of a column mean, as far as anything is made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A column that never has a value.
    Null,
    Text,
    Whole {
        bits: u8,
        is_signed: bool,
    },
    /// Whole numbers of 10^-scale; more than 38 digits if they are `large`.
    Decimal {
        scale: i32,
        large: bool,
    },
    Float32,
    Float64,
    /// Instants or days, as a number of so many nanoseconds.
    Time {
        nanoseconds: i64,
    },
    /// Nothing that a cost file can have.
    Other,
}

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    /// So many bytes.
    Fixed(usize),
    /// Any number of bytes.
    Bytes,
}

/// One column of a file.
#[derive(Debug, Clone)]
pub struct Shape {
    pub name: String,
    /// The place among all columns with values; nested columns have others before them.
    pub leaf: usize,
    pub form: Form,
    pub storage: Storage,
    /// What messages call it.
    pub said: String,
}

/// All columns of a file, in its order.
pub fn shapes(schema: &SchemaDescriptor) -> Vec<Shape> {
    let mut leaf = 0;
    let shape = |field: &std::sync::Arc<Type>| {
        let (form, said) = form(field);
        let name = field.name().to_owned();
        let shape = Shape { name, leaf, form, storage: storage(field), said };
        leaf += leaves(field);
        shape
    };
    schema.root_schema().get_fields().iter().map(shape).collect()
}

fn leaves(field: &Type) -> usize {
    match field {
        Type::PrimitiveType { .. } => 1,
        Type::GroupType { fields, .. } => fields.iter().map(|field| leaves(field)).sum(),
    }
}

fn storage(field: &Type) -> Storage {
    let Type::PrimitiveType { physical_type, type_length, .. } = field else {
        return Storage::Bytes;
    };
    match physical_type {
        // Truth values are in no form that is read.
        Physical::INT32 | Physical::BOOLEAN => Storage::Int32,
        Physical::INT64 => Storage::Int64,
        Physical::INT96 => Storage::Int96,
        Physical::FLOAT => Storage::Float,
        Physical::DOUBLE => Storage::Double,
        Physical::BYTE_ARRAY => Storage::Bytes,
        Physical::FIXED_LEN_BYTE_ARRAY => {
            Storage::Fixed(usize::try_from(*type_length).unwrap_or_default())
        }
    }
}

/// A form and what messages call it.
type Said = (Form, String);

fn other(said: impl Into<String>) -> Said {
    (Form::Other, said.into())
}

fn form(field: &Type) -> Said {
    let Type::PrimitiveType { basic_info, physical_type, type_length, scale, precision } = field
    else {
        return other(match field.get_basic_info().converted_type() {
            ConvertedType::LIST => "List",
            ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE => "Map",
            _ => "Struct",
        });
    };
    if basic_info.has_repetition() && basic_info.repetition() == Repetition::REPEATED {
        return other("List");
    }
    if basic_info.logical_type_ref() == Some(&LogicalType::Unknown) {
        return (Form::Null, "Null".to_owned());
    }
    let digits = match (basic_info.logical_type_ref(), basic_info.converted_type()) {
        (Some(LogicalType::Decimal(decimal)), _) => Some((decimal.scale, decimal.precision)),
        (None, ConvertedType::DECIMAL) => Some((*scale, *precision)),
        _ => None,
    };
    match physical_type {
        Physical::BOOLEAN => other("Boolean"),
        Physical::INT96 => instants(TimeUnit::NANOS, false),
        Physical::FLOAT => (Form::Float32, "Float32".to_owned()),
        Physical::DOUBLE => (Form::Float64, "Float64".to_owned()),
        Physical::INT32 => digits.map_or_else(|| int32(basic_info), |of| decimal(of, false)),
        Physical::INT64 => digits.map_or_else(|| int64(basic_info), |of| decimal(of, false)),
        Physical::BYTE_ARRAY => {
            digits.map_or_else(|| bytes(basic_info), |of| decimal(of, of.1 > 38))
        }
        Physical::FIXED_LEN_BYTE_ARRAY => match (digits, *type_length) {
            (Some(of), 1..=32) => decimal(of, *type_length > 16),
            _ if basic_info.converted_type() == ConvertedType::INTERVAL => {
                other("Interval(DayTime)")
            }
            _ if basic_info.logical_type_ref() == Some(&LogicalType::Float16) => other("Float16"),
            _ => other(format!("FixedSizeBinary({type_length})")),
        },
    }
}

fn decimal((scale, precision): (i32, i32), large: bool) -> Said {
    let said = format!("Decimal{}({precision}, {scale})", if large { 256 } else { 128 });
    match i8::try_from(scale) {
        Ok(_) => (Form::Decimal { scale, large }, said),
        Err(_) => other(said),
    }
}

fn whole(bits: u8, is_signed: bool) -> Said {
    let said = format!("{}Int{bits}", if is_signed { "" } else { "U" });
    (Form::Whole { bits, is_signed }, said)
}

fn instants(unit: TimeUnit, is_utc: bool) -> Said {
    let (nanoseconds, unit) = match unit {
        TimeUnit::MILLIS => (1_000_000, "ms"),
        TimeUnit::MICROS => (1_000, "µs"),
        TimeUnit::NANOS => (1, "ns"),
    };
    let zone = if is_utc { ", \"UTC\"" } else { "" };
    (Form::Time { nanoseconds }, format!("Timestamp({unit}{zone})"))
}

fn int32(info: &BasicTypeInfo) -> Said {
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => {
            (Form::Time { nanoseconds: 86_400_000_000_000 }, "Date32".to_owned())
        }
        (Some(LogicalType::Integer(int)), _) if matches!(int.bit_width, 8 | 16 | 32) => {
            whole(int.bit_width.cast_unsigned(), int.is_signed)
        }
        (Some(LogicalType::Time(_)), _) | (None, ConvertedType::TIME_MILLIS) => other("Time32(ms)"),
        (None, ConvertedType::NONE | ConvertedType::INT_32) => whole(32, true),
        (None, ConvertedType::INT_8) => whole(8, true),
        (None, ConvertedType::INT_16) => whole(16, true),
        (None, ConvertedType::UINT_8) => whole(8, false),
        (None, ConvertedType::UINT_16) => whole(16, false),
        (None, ConvertedType::UINT_32) => whole(32, false),
        _ => other("whole numbers that mean something else"),
    }
}

fn int64(info: &BasicTypeInfo) -> Said {
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::Timestamp(of)), _) => instants(of.unit, of.is_adjusted_to_u_t_c),
        (None, ConvertedType::TIMESTAMP_MILLIS) => instants(TimeUnit::MILLIS, true),
        (None, ConvertedType::TIMESTAMP_MICROS) => instants(TimeUnit::MICROS, true),
        (Some(LogicalType::Integer(int)), _) if int.bit_width == 64 => whole(64, int.is_signed),
        (Some(LogicalType::Time(of)), _) if of.unit == TimeUnit::NANOS => other("Time64(ns)"),
        (Some(LogicalType::Time(_)), _) | (None, ConvertedType::TIME_MICROS) => other("Time64(µs)"),
        (None, ConvertedType::NONE | ConvertedType::INT_64) => whole(64, true),
        (None, ConvertedType::UINT_64) => whole(64, false),
        _ => other("whole numbers that mean something else"),
    }
}

fn bytes(info: &BasicTypeInfo) -> Said {
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::String | LogicalType::Json), _)
        | (None, ConvertedType::UTF8 | ConvertedType::JSON) => (Form::Text, "Utf8".to_owned()),
        _ => other("Binary"),
    }
}
