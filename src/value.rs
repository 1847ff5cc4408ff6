//! Values as data: what a contract expects and what a source or a live namespace shows.

/// A literal value. Contracts (YAML) and Python sources both produce it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`, or YAML null inside a container.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer that fits 128 bits.
    Int(i128),
    /// An integer that does not: its decimal digits, with a leading `-` if negative.
    BigInt(String),
    /// A float.
    Float(f64),
    /// A string.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list; a YAML sequence.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A set, in source order.
    Set(Vec<Value>),
    /// A mapping, in source order.
    Dict(Vec<(Value, Value)>),
}

impl Value {
    /// The name of its Python type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::BigInt(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::Dict(_) => "dict",
        }
    }
}
