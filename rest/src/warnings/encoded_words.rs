//! Encoded words (RFC 2047): how text that is not ASCII travels in a header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The text with its encoded words decoded. One that is malformed, or in another character set than UTF-8, ASCII
/// or Latin-1, stays as it is.
pub(super) fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let Some((word, length)) = encoded_word(&rest[start..]) else {
            decoded.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            after_word = false;
            continue;
        };
        // Blanks between two encoded words only keep them apart.
        if !(after_word && rest[..start].trim().is_empty()) {
            decoded.push_str(&rest[..start]);
        }
        decoded.push_str(&word);
        rest = &rest[start + length..];
        after_word = true;
    }
    decoded.push_str(rest);
    decoded
}

/// Decodes the word `=?charset?encoding?text?=` that `text` begins with, and says how long it is.
fn encoded_word(text: &str) -> Option<(String, usize)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (content, _) = rest.split_once("?=")?;
    let length = "=?".len() + charset.len() + 1 + encoding.len() + 1 + content.len() + "?=".len();
    let bytes = match encoding {
        "b" | "B" => STANDARD.decode(content).ok()?,
        "q" | "Q" => quoted_printable(content)?,
        _ => return None,
    };
    let decoded = match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => String::from_utf8(bytes).ok()?,
        "iso-8859-1" => bytes.into_iter().map(char::from).collect(),
        _ => return None,
    };
    Some((decoded, length))
}

/// `_` is a blank, and `=` comes before two hexadecimal digits.
fn quoted_printable(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn both_encodings_are_undone() {
        assert_eq!(decode("=?UTF-8?q?gr=C3=BC=C3=9Fe_an?= alle"), "grüße an alle");
        assert_eq!(decode("an =?utf-8?B?YWxsZQ==?="), "an alle");
        assert_eq!(decode("=?iso-8859-1?Q?=FC?="), "ü");
    }

    #[test]
    fn blanks_between_two_words_are_dropped_and_others_stay() {
        assert_eq!(decode("=?utf-8?q?a?= =?utf-8?q?b?= c"), "ab c");
    }

    #[test]
    fn what_is_malformed_stays_as_it_is() {
        for text in [
            "",
            "a =? b",
            "=?utf-8?q?open",
            "=?utf-8?x?a?=",
            "=?koi8-r?q?a?=",
            "=?utf-8?q?=F?=",
            "=?utf-8?b?*?=",
        ] {
            assert_eq!(decode(text), text);
        }
    }
}
