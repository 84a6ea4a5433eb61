//! What `log` takes: arrays, maps, `metrics!` and structs that serialize.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde::Serialize;

/// A number that can be logged: any integer or float, or a `bool` as 0 or 1.
///
/// Floats and integers up to 2^53 are kept exactly; greater integers are rounded to the nearest
/// `f64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number that can be logged",
    note = "a metric's value is an integer, a float or a bool",
    note = "for a tensor, read its value first, or let the Burn or Candle adapter do it"
)]
pub trait Scalar: Copy {
    /// The value as it is stored.
    fn to_f64(self) -> f64;
}

macro_rules! scalar {
    ($($number:ty),*) => {$(
        impl Scalar for $number {
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "documented")]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}
scalar!(f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl Scalar for bool {
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
}

impl<T: Scalar> Scalar for &T {
    fn to_f64(self) -> f64 {
        (*self).to_f64()
    }
}

/// Receives the named values of an [`IntoMetrics`].
pub trait MetricVisitor {
    /// A metric's value.
    fn value(&mut self, name: &str, value: f64);

    /// Something that has no value: `name` is its path, empty for the whole, and `reason` says
    /// what it is instead of a number.
    fn skip(&mut self, name: &str, reason: &'static str);
}

/// Named values, as [`Run::log`](crate::Run::log) takes them.
///
/// | what | example |
/// |---|---|
/// | several numbers, of any types | `metrics! { "loss" => loss, "accuracy" => accuracy }` |
/// | an array or `Vec` of one number type | `[("loss", 0.5), ("accuracy", 0.9)]` |
/// | a map | `HashMap<String, f64>` or `BTreeMap<&str, f32>` |
/// | a struct by reference | `&Epoch { loss, accuracy }`, with `#[derive(Serialize)]` |
///
/// Fields of nested structs and maps are joined with `/`: `train: Losses { loss }` is logged as
/// `train/loss`. Numbers in a list get their index. Fields that hold no number are skipped and
/// counted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no metric name: write `metrics! {{ \"loss\" => value }}`",
    label = "a metric needs a name and a value",
    note = "or log a struct that derives serde::Serialize by reference: `run.log(&epoch)`"
)]
pub trait IntoMetrics {
    /// Shows every named value to `visitor`, in order.
    fn visit(self, visitor: &mut dyn MetricVisitor);
}

fn visit_pairs<K: AsRef<str>, V: Scalar>(
    pairs: impl IntoIterator<Item = (K, V)>,
    visitor: &mut dyn MetricVisitor,
) {
    for (name, value) in pairs {
        visitor.value(name.as_ref(), value.to_f64());
    }
}

impl<K: AsRef<str>, V: Scalar, const N: usize> IntoMetrics for [(K, V); N] {
    fn visit(self, visitor: &mut dyn MetricVisitor) {
        visit_pairs(self, visitor);
    }
}

impl<K: AsRef<str>, V: Scalar> IntoMetrics for Vec<(K, V)> {
    fn visit(self, visitor: &mut dyn MetricVisitor) {
        visit_pairs(self, visitor);
    }
}

impl<K: AsRef<str>, V: Scalar> IntoMetrics for BTreeMap<K, V> {
    fn visit(self, visitor: &mut dyn MetricVisitor) {
        visit_pairs(self, visitor);
    }
}

impl<K: AsRef<str>, V: Scalar, S> IntoMetrics for HashMap<K, V, S> {
    fn visit(self, visitor: &mut dyn MetricVisitor) {
        visit_pairs(self, visitor);
    }
}

/// By reference only: by value, this would accept a bare number.
impl<T: Serialize> IntoMetrics for &T {
    fn visit(self, visitor: &mut dyn MetricVisitor) {
        crate::value::fields::visit_fields(self, visitor);
    }
}

/// Names values for [`Run::log`](crate::Run::log). The values may be of different number types.
///
/// ```
/// use tracker_core::metrics;
///
/// let loss: f32 = 0.25;
/// let accuracy: f64 = 0.9;
/// let named = metrics! { "loss" => loss, "accuracy" => accuracy, "correct" => 9_usize };
/// # let _ = named;
/// ```
#[macro_export]
macro_rules! metrics {
    ($($name:expr => $value:expr),* $(,)?) => {
        [$(($crate::name_of($name), $crate::Scalar::to_f64($value))),*]
    };
}

/// The name of a value in [`metrics!`], owned or borrowed.
#[doc(hidden)]
pub fn name_of<'a>(name: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    name.into()
}
