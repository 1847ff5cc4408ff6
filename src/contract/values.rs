//! Typed values of a contract.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::value::Value;

use super::node::Context;
use super::scan::DEEPEST;

/// From here on a float that is whole may be an integer with too many digits for the parser.
pub(super) const HUGE: f64 = 1.7e38;

/// Reads a value. Null is [`Value::None`].
#[derive(Clone, Copy)]
pub(super) struct ValueSeed<'c> {
    pub(super) context: &'c Context,
    pub(super) depth: usize,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    fn below<E: Error>(self) -> Result<Self, E> {
        if self.depth >= DEEPEST {
            return Err(self.context.too_deep());
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Int(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok(i128::try_from(value).map_or_else(|_| Value::BigInt(value.to_string()), Value::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= HUGE {
            self.context.huge.set(true);
        }
        Ok(Value::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Str(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let seed = self.below()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.below()?;
        let mut entries = Vec::new();
        let mut merged = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = access.next_key_seed(DictKey { value: inner, seen: &mut seen })? {
            let value = access.next_value_seed(inner)?;
            match (key, value) {
                (Value::Str(key), Value::Dict(more)) if key == "<<" => merged.extend(more),
                (Value::Str(key), Value::List(maps))
                    if key == "<<" && maps.iter().all(|map| matches!(map, Value::Dict(_))) =>
                {
                    merged.extend(
                        maps.into_iter().flat_map(|map| if let Value::Dict(more) = map { more } else { Vec::new() }),
                    );
                }
                (key, value) => entries.push((key, value)),
            }
        }
        for (key, value) in merged {
            if seen.insert(identity(&key)) {
                entries.push((key, value));
            }
        }
        Ok(Value::Dict(entries))
    }
}

/// Equal for equal keys of one type.
fn identity(key: &Value) -> String {
    format!("{key:?}")
}

/// Reads a key of a mapping that is a value: a scalar that was not there before.
struct DictKey<'c, 's> {
    value: ValueSeed<'c>,
    seen: &'s mut HashSet<String>,
}

impl<'de> DeserializeSeed<'de> for DictKey<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl DictKey<'_, '_> {
    fn new_key<E: Error>(self, key: Value) -> Result<Value, E> {
        if self.seen.insert(identity(&key)) {
            return Ok(key);
        }
        Err(self
            .value
            .context
            .fail("a key stands in this mapping twice".to_owned(), Some("keep one of them".to_owned())))
    }

    fn container<E: Error>(&self) -> E {
        self.value
            .context
            .fail("a list or a mapping can't be a key".to_owned(), Some("use text or a number".to_owned()))
    }
}

impl<'de> Visitor<'de> for DictKey<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.new_key(Value::None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.new_key(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.new_key(Value::Int(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.new_key(Value::Int(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.new_key(Value::Int(value))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        let key = self.value.visit_u128(value)?;
        self.new_key(key)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.new_key(Value::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.new_key(Value::Str(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(self.container())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(self.container())
    }
}
