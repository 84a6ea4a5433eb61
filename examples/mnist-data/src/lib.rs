//! MNIST for the examples: handwritten digits as bytes, without a framework.
//!
//! ```
//! let mnist = mnist_data::load(None)?;
//! assert_eq!((mnist.train.len(), mnist.test.len()), (6_000, 1_000));
//! assert_eq!(mnist.train.image(0).len(), 28 * 28);
//! # Ok::<(), mnist_data::Error>(())
//! ```
//!
//! Without a folder, [`load`] gives the first 6,000 training and 1,000 test images, which are
//! part of this crate. With one, it reads all four files from there.

mod error;
mod idx;
mod source;

pub use error::Error;
pub use idx::Images;
pub use source::{Mnist, load};
