//! The fields of a message of protobuf, whatever they mean.

use serde_json::Value;

/// The fields of a message, written one after the other.
#[derive(Default)]
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// The message.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn message(self, number: u32, message: &Self) -> Self {
        self.bytes(number, &message.0)
    }

    pub(crate) fn text(self, number: u32, text: &Value) -> Self {
        self.bytes(number, text.as_str().unwrap_or_default().as_bytes())
    }

    pub(crate) fn bytes(mut self, number: u32, bytes: &[u8]) -> Self {
        self.key(number, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn integer(mut self, number: u32, value: u64) -> Self {
        self.key(number, 0);
        self.varint(value);
        self
    }

    pub(crate) fn double(mut self, number: u32, value: f64) -> Self {
        self.key(number, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn key(&mut self, number: u32, wire_type: u32) {
        self.varint(u64::from(number << 3 | wire_type));
    }

    /// Seven bits a byte, the lowest first; all but the last byte say that more follow.
    fn varint(&mut self, mut value: u64) {
        loop {
            let [low, ..] = value.to_le_bytes();
            value >>= 7;
            if value == 0 {
                return self.0.push(low & 0x7f);
            }
            self.0.push(low | 0x80);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn long_lengths_take_more_bytes() {
        let message = Fields::default().bytes(1, &[7; 300]);
        assert_eq!(message.0[..4], [0x0a, 0xac, 0x02, 7]);
    }
}
