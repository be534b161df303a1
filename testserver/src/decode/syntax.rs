//! What is wrong with a text that is not JSON, in the words of kube-apiserver's decoder.

/// Where in a text the decoder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Object,
    Array,
}

/// A text that is not JSON: its mistake.
type Mistake = String;

/// Says what is wrong with a text, if it is not JSON.
pub(super) fn mistake(text: &[u8]) -> Option<Mistake> {
    Scanner { text, at: 0 }.document().err()
}

/// Reads a text byte by byte.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that is no blank.
    fn significant(&mut self) -> Result<u8, Mistake> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&mut self) -> Result<u8, Mistake> {
        let byte = self.peek().ok_or_else(|| "unexpected end of JSON input".to_owned())?;
        self.at += 1;
        Ok(byte)
    }

    fn document(&mut self) -> Result<(), Mistake> {
        let mut open: Vec<Inside> = Vec::new();
        loop {
            // A value is due here.
            let byte = self.significant()?;
            match byte {
                b'{' => {
                    let byte = self.significant()?;
                    if byte == b'}' {
                        if self.close(&mut open)? {
                            return Ok(());
                        }
                        continue;
                    }
                    self.key(byte)?;
                    open.push(Inside::Object);
                    continue;
                }
                b'[' => {
                    let start = self.at;
                    if self.significant()? != b']' {
                        self.at = start;
                        open.push(Inside::Array);
                        continue;
                    }
                }
                _ => self.scalar(byte)?,
            }
            if self.close(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Reads what follows a value, up to the next one; true at the end of the text.
    fn close(&mut self, open: &mut Vec<Inside>) -> Result<bool, Mistake> {
        loop {
            match open.last() {
                None => {
                    return match self.significant() {
                        Ok(byte) => Err(wrong(byte, "after top-level value")),
                        Err(_) => Ok(true),
                    };
                }
                Some(Inside::Object) => match self.significant()? {
                    b',' => {
                        let byte = self.significant()?;
                        self.key(byte)?;
                        return Ok(false);
                    }
                    b'}' => drop(open.pop()),
                    byte => return Err(wrong(byte, "after object key:value pair")),
                },
                Some(Inside::Array) => match self.significant()? {
                    b',' => return Ok(false),
                    b']' => drop(open.pop()),
                    byte => return Err(wrong(byte, "after array element")),
                },
            }
        }
    }

    /// Reads a key, whose first byte has been read, and the colon after it.
    fn key(&mut self, first: u8) -> Result<(), Mistake> {
        if first != b'"' {
            return Err(wrong(first, "looking for beginning of object key string"));
        }
        self.string()?;
        match self.significant()? {
            b':' => Ok(()),
            byte => Err(wrong(byte, "after object key")),
        }
    }

    fn scalar(&mut self, first: u8) -> Result<(), Mistake> {
        match first {
            b'"' => self.string(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            b'-' | b'0'..=b'9' => self.number(first),
            _ => Err(wrong(first, "looking for beginning of value")),
        }
    }

    fn string(&mut self) -> Result<(), Mistake> {
        loop {
            match self.byte()? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                byte if byte < 0x20 => return Err(wrong(byte, "in string literal")),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), Mistake> {
        match self.byte()? {
            b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    let byte = self.byte()?;
                    if !byte.is_ascii_hexdigit() {
                        return Err(wrong(byte, "in \\u hexadecimal character escape"));
                    }
                }
                Ok(())
            }
            byte => Err(wrong(byte, "in string escape code")),
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), Mistake> {
        for expected in word.bytes().skip(1) {
            let byte = self.byte()?;
            if byte != expected {
                let place = format!("in literal {word} (expecting {})", shown(expected));
                return Err(wrong(byte, &place));
            }
        }
        Ok(())
    }

    fn number(&mut self, first: u8) -> Result<(), Mistake> {
        let mut first = first;
        if first == b'-' {
            first = self.byte()?;
            if !first.is_ascii_digit() {
                return Err(wrong(first, "in numeric literal"));
            }
        }
        if first != b'0' {
            self.digits();
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digit("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digit("in exponent of numeric literal")?;
        }
        Ok(())
    }

    /// Reads at least one digit.
    fn digit(&mut self, place: &str) -> Result<(), Mistake> {
        let byte = self.byte()?;
        if !byte.is_ascii_digit() {
            return Err(wrong(byte, place));
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }
}

fn wrong(byte: u8, place: &str) -> Mistake {
    format!("invalid character {} {place}", shown(byte))
}

/// A byte as Go shows it.
fn shown(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".into(),
        b'"' => "'\"'".into(),
        byte => format!("'{}'", char::from(byte).escape_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn mistakes_are_told_as_go_tells_them() {
        for (text, told) in [
            ("", "unexpected end of JSON input"),
            ("{", "unexpected end of JSON input"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{x", "invalid character 'x' looking for beginning of object key string"),
            (r#"{"a" 1}"#, "invalid character '1' after object key"),
            (r#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("trxe", "invalid character 'x' in literal true (expecting 'u')"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("\"\\x\"", "invalid character 'x' in string escape code"),
        ] {
            assert_eq!(mistake(text.as_bytes()).as_deref(), Some(told), "{text}");
        }
    }

    #[test]
    fn json_has_no_mistake() {
        for text in ["{}", "[]", " [1, -0.5e+3, {\"a\": [[]], \"b\": {}}, null, true] ", "\"\\u00e9\"", "0"] {
            assert_eq!(mistake(text.as_bytes()), None, "{text}");
        }
    }
}
