//! Keys of maps as text.

use std::fmt;

use serde::{
    Serialize,
    ser::{self, Impossible},
};

/// A map's key as text; `None` of one that is no string, character, number, bool or unit variant.
pub(crate) fn key_text<T: Serialize + ?Sized>(key: &T) -> Option<String> {
    key.serialize(KeyText).ok()
}

/// Says of a key that it has no text.
#[derive(Debug)]
struct NoText;

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key is no text")
    }
}

impl std::error::Error for NoText {}

impl ser::Error for NoText {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Turns a map's key into text: strings, characters, numbers, bools and unit variants.
struct KeyText;

macro_rules! texts {
    ($($method:ident: $key:ty),*) => {$(
        fn $method(self, key: $key) -> Result<String, NoText> {
            Ok(key.to_string())
        }
    )*};
}

type NoKey = Impossible<String, NoText>;

impl ser::Serializer for KeyText {
    type Ok = String;
    type Error = NoText;
    type SerializeSeq = NoKey;
    type SerializeTuple = NoKey;
    type SerializeTupleStruct = NoKey;
    type SerializeTupleVariant = NoKey;
    type SerializeMap = NoKey;
    type SerializeStruct = NoKey;
    type SerializeStructVariant = NoKey;

    texts!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32, serialize_f64: f64, serialize_char: char,
        serialize_str: &str
    );

    fn serialize_bytes(self, _: &[u8]) -> Result<String, NoText> {
        Err(NoText)
    }

    fn serialize_none(self) -> Result<String, NoText> {
        Err(NoText)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, NoText> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<String, NoText> {
        Err(NoText)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<String, NoText> {
        Ok(name.to_owned())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<String, NoText> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<String, NoText> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<String, NoText> {
        Err(NoText)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_tuple(self, _: usize) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<NoKey, NoText> {
        Err(NoText)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<NoKey, NoText> {
        Err(NoText)
    }
}
