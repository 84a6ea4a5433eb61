//! What `load` reads, and what it says when it cannot.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, io::Read as _, path::Path};

use mnist_data::{Error, load};
use tempfile::TempDir;

const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

fn bundled(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    fs::read(folder.join(format!("{name}.gz"))).unwrap()
}

fn unpacked(name: &str) -> Vec<u8> {
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(bundled(name).as_slice()).read_to_end(&mut file).unwrap();
    file
}

/// A folder with the four files, gzipped, in which a test then breaks one.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in FILES {
        fs::write(folder.path().join(format!("{name}.gz")), bundled(name)).unwrap();
    }
    folder
}

fn message(folder: &TempDir) -> String {
    let text = load(Some(folder.path())).unwrap_err().to_string();
    assert!(text.contains("\nhint: "), "{text}");
    text
}

#[test]
fn bundled_part_holds_six_thousand_and_one_thousand_digits() {
    let mnist = load(None).unwrap();
    for (images, count) in [(&mnist.train, 6_000), (&mnist.test, 1_000)] {
        assert_eq!((images.width, images.height), (28, 28));
        assert_eq!(images.len(), count);
        assert_eq!(images.pixels.len(), count * 28 * 28);
        assert!(!images.is_empty());
        assert!((0..10).all(|digit| images.labels.contains(&digit)));
    }
    assert_eq!(mnist.train.labels[..5], [5, 0, 4, 1, 9]);
    assert_eq!(mnist.test.labels[..5], [7, 2, 1, 0, 4]);
    assert_eq!(mnist.train.image(1), &mnist.train.pixels[784..1568]);
    assert!(mnist.train.image(6_000).is_empty());
    assert!(mnist.train.image(usize::MAX).is_empty());
}

#[test]
fn gzipped_plain_and_dotted_names_give_the_same_images() {
    let expected = load(None).unwrap();
    assert_eq!(load(Some(folder().path())).unwrap(), expected);

    let plain = TempDir::new().unwrap();
    for name in FILES {
        fs::write(plain.path().join(name.replace("-idx", ".idx")), unpacked(name)).unwrap();
    }
    assert_eq!(load(Some(plain.path())).unwrap(), expected);
}

#[test]
fn file_unpacked_by_a_browser_is_read_in_spite_of_its_name() {
    let folder = folder();
    fs::write(folder.path().join("t10k-labels-idx1-ubyte.gz"), unpacked(FILES[3])).unwrap();
    assert_eq!(load(Some(folder.path())).unwrap(), load(None).unwrap());
}

#[test]
fn missing_file_is_named() {
    let folder = folder();
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    assert!(message(&folder).contains("no file t10k-labels-idx1-ubyte in "));
    assert!(matches!(load(Some(folder.path())), Err(Error::Missing { .. })));
}

#[test]
fn truncated_file_says_how_much_is_there() {
    let folder = folder();
    let path = folder.path().join("t10k-images-idx3-ubyte");
    fs::write(&path, &unpacked(FILES[2])[..1_000]).unwrap();
    let text = message(&folder);
    assert!(text.contains("it announces 784000 bytes of data and holds 984"), "{text}");

    fs::write(&path, &unpacked(FILES[2])[..7]).unwrap();
    assert!(message(&folder).contains("it ends after 7 bytes, within its header"));
}

#[test]
fn truncated_gzip_is_an_error_that_names_the_file() {
    let folder = folder();
    let half = &bundled(FILES[0])[..400_000];
    fs::write(folder.path().join("train-images-idx3-ubyte.gz"), half).unwrap();
    assert!(message(&folder).contains("train-images-idx3-ubyte.gz"));
}

#[test]
fn labels_in_the_place_of_images_are_a_wrong_magic_number() {
    let folder = folder();
    fs::write(folder.path().join("train-images-idx3-ubyte"), unpacked(FILES[1])).unwrap();
    assert!(message(&folder).contains("it begins with 0x0801, not with 0x0803"));
}

#[test]
fn sizes_that_overflow_are_refused() {
    let folder = folder();
    let mut file = unpacked(FILES[2]);
    file[4..16].fill(0xff);
    fs::write(folder.path().join("t10k-images-idx3-ubyte"), file).unwrap();
    assert!(message(&folder).contains("it announces more data than memory can hold"));
}

#[test]
fn another_number_of_labels_than_images_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("t10k-labels-idx1-ubyte"), unpacked(FILES[1])).unwrap();
    assert!(message(&folder).contains("it holds 6000 labels for 1000 images"));
}
