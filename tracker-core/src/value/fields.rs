//! Finds the numbers in anything that serializes, with their paths as metric names.

use std::fmt;

use serde::{Serialize, ser};

use crate::{MetricVisitor, Scalar, value::key_text::key_text};

/// Shows every number in `value` to `visitor`, named by the path of fields that leads to it.
pub(crate) fn visit_fields<T: Serialize>(value: &T, visitor: &mut dyn MetricVisitor) {
    let mut walk = Walk { path: String::new(), visitor };
    if value.serialize(&mut walk).is_err() {
        let Walk { path, visitor } = walk;
        visitor.skip(&path, "a value whose own Serialize failed");
    }
}

struct Walk<'a> {
    path: String,
    visitor: &'a mut dyn MetricVisitor,
}

/// What a user's own `Serialize` may report.
#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed to serialize")
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Walk<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "the shape of a Serializer's methods")]
    fn number(&mut self, value: impl Scalar) -> Result<(), Failed> {
        if self.path.is_empty() {
            self.visitor.skip("", "a number");
        } else {
            self.visitor.value(&self.path, value.to_f64());
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of a Serializer's methods")]
    fn skip(&mut self, reason: &'static str) -> Result<(), Failed> {
        self.visitor.skip(&self.path, reason);
        Ok(())
    }

    /// Serializes `value` one level down, under `name`.
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failed> {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('/');
        }
        self.path.push_str(name);
        let result = value.serialize(&mut *self);
        self.path.truncate(outer);
        result
    }
}

macro_rules! numbers {
    ($($method:ident: $number:ty),*) => {$(
        fn $method(self, value: $number) -> Result<(), Failed> {
            self.number(value)
        }
    )*};
}

impl<'a, 'w> ser::Serializer for &'a mut Walk<'w> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Elements<'a, 'w>;
    type SerializeTuple = Elements<'a, 'w>;
    type SerializeTupleStruct = Elements<'a, 'w>;
    type SerializeTupleVariant = Elements<'a, 'w>;
    type SerializeMap = Entries<'a, 'w>;
    type SerializeStruct = &'a mut Walk<'w>;
    type SerializeStructVariant = &'a mut Walk<'w>;

    numbers!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_f32: f32,
        serialize_f64: f64
    );

    fn serialize_char(self, _: char) -> Result<(), Failed> {
        self.skip("a text")
    }

    fn serialize_str(self, _: &str) -> Result<(), Failed> {
        self.skip("a text")
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Failed> {
        self.skip("a byte string")
    }

    /// A missing value is no trouble: an `Option` that is `None` has nothing to log this time.
    fn serialize_none(self) -> Result<(), Failed> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failed> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failed> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), Failed> {
        self.skip("a text")
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.field(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a, 'w>, Failed> {
        Ok(Elements { walk: self, index: 0 })
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements<'a, 'w>, Failed> {
        Ok(Elements { walk: self, index: 0 })
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements<'a, 'w>, Failed> {
        Ok(Elements { walk: self, index: 0 })
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Elements<'a, 'w>, Failed> {
        Ok(Elements { walk: self, index: 0 })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a, 'w>, Failed> {
        Ok(Entries { walk: self, key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Failed> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Failed> {
        Ok(self)
    }
}

/// Values without names get their index.
struct Elements<'a, 'w> {
    walk: &'a mut Walk<'w>,
    index: usize,
}

impl Elements<'_, '_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let name = self.index.to_string();
        self.index += 1;
        self.walk.field(&name, value)
    }
}

macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {$(
        impl ser::$kind for Elements<'_, '_> {
            type Ok = ();
            type Error = Failed;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.element(value)
            }

            fn end(self) -> Result<(), Failed> {
                Ok(())
            }
        }
    )*};
}
elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! named_fields {
    ($($kind:ident),*) => {$(
        impl ser::$kind for &mut Walk<'_> {
            type Ok = ();
            type Error = Failed;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Failed> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Failed> {
                Ok(())
            }
        }
    )*};
}
named_fields!(SerializeStruct, SerializeStructVariant);

/// A map's values, each under its key.
struct Entries<'a, 'w> {
    walk: &'a mut Walk<'w>,
    key: String,
}

impl ser::SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = key_text(key).ok_or(Failed)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let key = std::mem::take(&mut self.key);
        self.walk.field(&key, value)
    }

    fn end(self) -> Result<(), Failed> {
        Ok(())
    }
}
