//! Turns settings and facts into JSON that says what they said.
//!
//! `serde_json` alone makes `null` of an infinity, rounds integers of 128 bits, and writes what it
//! cannot read again.

use serde::{
    Serialize, Serializer,
    ser::{self, Error as _},
};
use serde_json::{Error as JsonError, Map, Number, Value};

use crate::{
    Error,
    value::{key_text::key_text, number},
};

/// So many levels may stand within each other. Readers of JSON take 128, and around settings there are
/// a few more, in the store's files and in what commands print.
const MAX_DEPTH: usize = 100;

/// serde's names for what already is JSON text begin with this.
const JSON_TEXT: &str = "$serde_json::private::";

const NO_STRUCT: &str = "give a struct that derives serde::Serialize, or a map with text keys";
const TOO_DEEP: &str = "keep that part as text, or leave it out";

/// Why something cannot be kept, and the way out.
#[derive(Debug)]
pub(crate) struct Unkept {
    /// What serde said, and of which key.
    pub(crate) reason: JsonError,
    pub(crate) hint: &'static str,
}

impl Unkept {
    pub(crate) fn into_config_error(self) -> Error {
        Error::Config { source: self.reason, hint: self.hint.to_owned() }
    }
}

/// A config as JSON. What is no struct and no map is kept under a key.
pub(crate) fn of_config<T: Serialize + ?Sized>(config: &T) -> Result<Map<String, Value>, Unkept> {
    Ok(match to_value(config)? {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => Map::from_iter([("config".to_owned(), other)]),
    })
}

/// Facts as JSON.
pub(crate) fn of_facts<T: Serialize + ?Sized>(facts: &T) -> Result<Map<String, Value>, Unkept> {
    let Value::Object(map) = to_value(facts)? else {
        let reason = JsonError::custom("they are no struct and no map");
        return Err(Unkept { reason, hint: NO_STRUCT });
    };
    Ok(map)
}

fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Unkept> {
    let mut place = Place::default();
    value.serialize(&mut place).map_err(|error| place.unkept(&error))
}

/// The place in what is serialized. It stays where something could not be kept.
#[derive(Debug, Default)]
struct Place {
    keys: Vec<String>,
    is_too_deep: bool,
}

impl Place {
    fn enter(&mut self, key: String) -> Result<(), JsonError> {
        self.keys.push(key);
        self.is_too_deep = self.keys.len() > MAX_DEPTH;
        if self.is_too_deep {
            return Err(JsonError::custom(format!("more than {MAX_DEPTH} levels of nesting")));
        }
        Ok(())
    }

    /// Serializes what stands under a key.
    fn under<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<Value, JsonError> {
        self.enter(key)?;
        let value = value.serialize(&mut *self)?;
        self.keys.pop();
        Ok(value)
    }

    /// Begins a map, which for a variant of an enum stands under the variant's name.
    fn map(&mut self, around: Around) -> Result<Entries<'_>, JsonError> {
        if let Around::Variant(variant) = around {
            self.enter(variant.to_owned())?;
        }
        Ok(Entries { place: self, map: Map::new(), key: String::new(), around })
    }

    fn list(&mut self, variant: Option<&'static str>) -> Result<Elements<'_>, JsonError> {
        if let Some(variant) = variant {
            self.enter(variant.to_owned())?;
        }
        Ok(Elements { place: self, values: Vec::new(), variant })
    }

    fn unkept(&self, error: &JsonError) -> Unkept {
        let reason = match self.keys.as_slice() {
            [] => error.to_string(),
            keys => format!("{error} at `{}`", crate::error::excerpt(&keys.join("."))),
        };
        let hint = if self.is_too_deep { TOO_DEEP } else { NO_STRUCT };
        Unkept { reason: JsonError::custom(reason), hint }
    }
}

fn integer<T: ToString + Copy>(value: T) -> Value
where
    i64: TryFrom<T>,
    u64: TryFrom<T>,
{
    if let Ok(value) = u64::try_from(value) {
        value.into()
    } else if let Ok(value) = i64::try_from(value) {
        value.into()
    } else {
        value.to_string().into()
    }
}

fn under_variant(variant: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(variant.to_owned(), value)]))
}

macro_rules! values {
    ($($method:ident($value:ident: $kind:ty) => $json:expr;)*) => {$(
        fn $method(self, $value: $kind) -> Result<Value, JsonError> {
            Ok($json)
        }
    )*};
}

impl<'a> Serializer for &'a mut Place {
    type Ok = Value;
    type Error = JsonError;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Elements<'a>;
    type SerializeTupleVariant = Elements<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    values! {
        serialize_bool(value: bool) => value.into();
        serialize_i8(value: i8) => value.into();
        serialize_i16(value: i16) => value.into();
        serialize_i32(value: i32) => value.into();
        serialize_i64(value: i64) => value.into();
        serialize_i128(value: i128) => integer(value);
        serialize_u8(value: u8) => value.into();
        serialize_u16(value: u16) => value.into();
        serialize_u32(value: u32) => value.into();
        serialize_u64(value: u64) => value.into();
        serialize_u128(value: u128) => integer(value);
        serialize_f32(value: f32) => number::to_json(in_short(value));
        serialize_f64(value: f64) => number::to_json(value);
        serialize_char(value: char) => value.to_string().into();
        serialize_str(value: &str) => value.into();
        serialize_bytes(value: &[u8]) => value.into();
        serialize_unit_struct(_name: &'static str) => Value::Null;
    }

    fn serialize_none(self) -> Result<Value, JsonError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, JsonError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, JsonError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, JsonError> {
        Ok(under_variant(variant, self.under(variant.to_owned(), value)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a>, JsonError> {
        self.list(None)
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements<'a>, JsonError> {
        self.list(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements<'a>, JsonError> {
        self.list(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements<'a>, JsonError> {
        self.list(Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, JsonError> {
        self.map(Around::Nothing)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Entries<'a>, JsonError> {
        self.map(if name.starts_with(JSON_TEXT) { Around::JsonText } else { Around::Nothing })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'a>, JsonError> {
        self.map(Around::Variant(variant))
    }
}

/// As few digits as tell the number from all others of single precision: as an `f64`, 0.001 would
/// read 0.0010000000474974513.
fn in_short(value: f32) -> f64 {
    let text = serde_json::to_string(&value).unwrap_or_default();
    text.parse().unwrap_or_else(|_| value.into())
}

/// A list that is serialized.
struct Elements<'a> {
    place: &'a mut Place,
    values: Vec<Value>,
    variant: Option<&'static str>,
}

impl Elements<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        let value = self.place.under(self.values.len().to_string(), value)?;
        self.values.push(value);
        Ok(())
    }
}

macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {$(
        impl ser::$kind for Elements<'_> {
            type Ok = Value;
            type Error = JsonError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
                self.element(value)
            }

            fn end(self) -> Result<Value, JsonError> {
                let Some(variant) = self.variant else { return Ok(self.values.into()) };
                self.place.keys.pop();
                Ok(under_variant(variant, self.values.into()))
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

/// What a map that is serialized stands for.
#[derive(Debug, Clone, Copy)]
enum Around {
    Nothing,
    Variant(&'static str),
    JsonText,
}

/// A map or a struct that is serialized.
struct Entries<'a> {
    place: &'a mut Place,
    map: Map<String, Value>,
    key: String,
    around: Around,
}

impl Entries<'_> {
    fn entry<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), JsonError> {
        let value = self.place.under(key.to_owned(), value)?;
        self.map.insert(key.to_owned(), value);
        Ok(())
    }

    fn end(self) -> Result<Value, JsonError> {
        match self.around {
            Around::Nothing => Ok(Value::Object(self.map)),
            Around::Variant(variant) => {
                self.place.keys.pop();
                Ok(under_variant(variant, Value::Object(self.map)))
            }
            Around::JsonText => {
                let text = self.map.into_iter().next().map(|(_, text)| text);
                of_json_text(self.place, text.as_ref().and_then(Value::as_str).unwrap_or_default())
            }
        }
    }
}

/// What stands in JSON text, as if it had been serialized itself.
fn of_json_text(place: &mut Place, text: &str) -> Result<Value, JsonError> {
    match serde_json::from_slice(text.as_bytes()) {
        Ok(Value::Number(number)) if is_exact(&number, text) => Ok(Value::Number(number)),
        Ok(Value::Number(_)) | Err(_) => Ok(text.into()),
        Ok(value) => value.serialize(place),
    }
}

/// Whether every reader of JSON reads the number of this text as it is, as far as floats go.
fn is_exact(number: &Number, text: &str) -> bool {
    number.as_u64().is_some() || number.as_i64().is_some() || text.contains(['.', 'e', 'E'])
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = Value;
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), JsonError> {
        self.key = key_text(key).ok_or_else(|| JsonError::custom("a key is no text"))?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        let key = std::mem::take(&mut self.key);
        self.entry(&key, value)
    }

    fn end(self) -> Result<Value, JsonError> {
        self.end()
    }
}

macro_rules! entries {
    ($($kind:ident),*) => {$(
        impl ser::$kind for Entries<'_> {
            type Ok = Value;
            type Error = JsonError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), JsonError> {
                self.entry(name, value)
            }

            fn end(self) -> Result<Value, JsonError> {
                self.end()
            }
        }
    )*};
}
entries!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    enum Schedule {
        Constant,
        Step(f32),
        Cosine(u32, f64),
        Warm { up: u8 },
    }

    #[derive(Serialize)]
    struct Config {
        lr: f32,
        bound: f64,
        floor: f64,
        none: f32,
        seed: u128,
        low: i128,
        small: u128,
        greatest: u64,
        least: i64,
        resume: Option<&'static str>,
        kernel: (u8, u8),
        tag: char,
        schedules: Vec<Schedule>,
        widths: BTreeMap<u16, bool>,
    }

    fn config() -> Config {
        Config {
            lr: 0.001,
            bound: f64::INFINITY,
            floor: f64::NEG_INFINITY,
            none: f32::NAN,
            seed: u128::MAX,
            low: i128::MIN,
            small: 7,
            greatest: u64::MAX,
            least: i64::MIN,
            resume: None,
            kernel: (3, 5),
            tag: 'é',
            schedules: vec![
                Schedule::Constant,
                Schedule::Step(0.1),
                Schedule::Cosine(9, 0.5),
                Schedule::Warm { up: 1 },
            ],
            widths: BTreeMap::from([(8, true)]),
        }
    }

    #[test]
    fn settings_say_what_they_said() {
        let wanted = json!({
            "lr": 0.001,
            "bound": "Infinity",
            "floor": "-Infinity",
            "none": "NaN",
            "seed": "340282366920938463463374607431768211455",
            "low": "-170141183460469231731687303715884105728",
            "small": 7,
            "greatest": u64::MAX,
            "least": i64::MIN,
            "resume": null,
            "kernel": [3, 5],
            "tag": "é",
            "schedules": ["Constant", { "Step": 0.1 }, { "Cosine": [9, 0.5] }, { "Warm": { "up": 1 } }],
            "widths": { "8": true },
        });
        assert_eq!(Value::Object(of_config(&config()).unwrap()), wanted);
    }

    #[test]
    fn a_config_that_is_no_struct_is_kept_under_a_key() {
        assert_eq!(of_config(&[1, 2]).unwrap()["config"], json!([1, 2]));
        assert!(of_config(&()).unwrap().is_empty());
        assert!(of_facts(&[1, 2]).is_err());
    }

    /// JSON of so many lists and maps within each other.
    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inner, level| {
            if level % 2 == 0 { json!([inner]) } else { json!({ "inner": inner }) }
        })
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused_and_its_key_is_named() {
        assert_eq!(Value::Object(of_config(&nested(MAX_DEPTH)).unwrap()), nested(MAX_DEPTH));
        let unkept = of_config(&json!({ "model": nested(MAX_DEPTH) })).unwrap_err();
        let text = unkept.into_config_error().to_string();
        assert!(text.contains("more than 100 levels of nesting at `model.inner.0."), "{text}");
        assert!(text.ends_with(TOO_DEEP), "{text}");
    }

    #[test]
    fn a_key_that_is_no_text_is_named_by_its_place() {
        let config = BTreeMap::from([("sizes", BTreeMap::from([((1, 2), 3)]))]);
        let text = of_config(&config).unwrap_err().into_config_error().to_string();
        assert!(text.contains("a key is no text at `sizes`"), "{text}");
        assert!(text.ends_with(NO_STRUCT), "{text}");
    }

    #[test]
    fn numbers_in_json_text_that_readers_would_round_stay_text() {
        #[derive(Serialize)]
        #[serde(rename = "$serde_json::private::Number")]
        struct Text {
            #[serde(rename = "$serde_json::private::Number")]
            text: &'static str,
        }
        for (text, wanted) in [
            ("12", json!(12)),
            ("-0.5", json!(-0.5)),
            ("1e400", json!("1e400")),
            (
                "340282366920938463463374607431768211455",
                json!("340282366920938463463374607431768211455"),
            ),
            ("{\"a\": [1]}", json!({ "a": [1] })),
        ] {
            assert_eq!(to_value(&Text { text }).unwrap(), wanted);
        }
    }

    proptest! {
        #[test]
        fn finite_numbers_are_as_serde_json_writes_and_reads_them(single: f32, double: f64) {
            prop_assume!(single.is_finite() && double.is_finite());
            let text = serde_json::to_vec(&(single, double)).unwrap();
            let wanted: Value = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(to_value(&(single, double)).unwrap(), wanted);
        }
    }
}
