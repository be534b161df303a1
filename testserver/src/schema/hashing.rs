//! A quick hash for names of types, which are looked up for every field of every object.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes maps whose keys are built in, so that nobody can choose them to collide.
pub(crate) type QuickHash = BuildHasherDefault<QuickHasher>;

/// Multiplies words of eight bytes into each other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuickHasher(u64);

/// Odd, and with bits set all over.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        }
    }

    fn finish(&self) -> u64 {
        // The upper bits depend on all that was written; maps choose places by the lower ones.
        self.0.rotate_left(26)
    }
}
