//! What kind of picture or sound some bytes are.

use tracker_core::MediaExtension;

/// The kind of a picture, by how its bytes begin; `None` for one that no run holds.
pub(crate) fn picture(bytes: &[u8]) -> Option<MediaExtension> {
    let extension = match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => return None,
    };
    MediaExtension::of(extension)
}

/// The kind of a sound.
pub(crate) fn sound(bytes: &[u8]) -> Option<MediaExtension> {
    let is_wav = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
    MediaExtension::of("wav").filter(|_| is_wav)
}
