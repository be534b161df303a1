//! Leaving `metadata.managedFields` out of objects before they are decoded.
//!
//! Half of a typical object is `managedFields`, and more than half of the memory that it takes when it is decoded. Here
//! the member is cut out of the text, so that it is never built: it is only checked to be JSON.

use super::kept::Kept;
use super::scanner::{Event, Invalid, Scanner};

/// Follows a scanner through one object and leaves `metadata.managedFields` out of what is kept of it.
#[derive(Debug)]
pub(crate) struct ManagedFields {
    /// In how many arrays and objects the object stands.
    depth: usize,
    /// How much was kept when the key began that was last seen.
    key: usize,
    /// The key that was last seen in the object itself is `metadata`.
    in_metadata: bool,
    /// How much was kept when the member of the metadata began that was last seen: before its comma if it has one.
    member: usize,
    /// No member of the metadata was kept so far.
    first: bool,
    /// The member that was last seen is being left out.
    leaving_out: bool,
}

impl ManagedFields {
    /// Begins with an object in so many arrays and objects, of which the scanner has told the beginning.
    pub(crate) fn new(scanner: &mut Scanner) -> Self {
        let depth = scanner.depth();
        scanner.watch(depth + 1);
        Self { depth, key: 0, in_metadata: false, member: 0, first: false, leaving_out: false }
    }

    /// Takes note of an event within the object.
    pub(crate) fn follow(
        &mut self,
        event: Event,
        scanner: &mut Scanner,
        kept: &mut Kept,
        chunk: &[u8],
        at: usize,
    ) {
        match scanner.depth() - self.depth {
            1 => self.follow_object(event, scanner, kept, chunk, at),
            2 if self.in_metadata => self.follow_metadata(event, kept, chunk, at),
            _ => {}
        }
    }

    fn follow_object(
        &mut self,
        event: Event,
        scanner: &mut Scanner,
        kept: &mut Kept,
        chunk: &[u8],
        at: usize,
    ) {
        match event {
            Event::KeyBegin => self.key = kept.length(at),
            Event::KeyEnd => {
                self.in_metadata = is_key(kept.since(self.key, chunk, at), "metadata");
                scanner.watch(self.depth + if self.in_metadata { 2 } else { 1 });
            }
            Event::ValueBegin => {
                self.member = kept.length(at + 1);
                self.first = true;
            }
            Event::ValueEnd => {
                if std::mem::take(&mut self.leaving_out) {
                    kept.resume(at - 1);
                }
                self.in_metadata = false;
                scanner.watch(self.depth + 1);
            }
            Event::Comma => {}
        }
    }

    fn follow_metadata(&mut self, event: Event, kept: &mut Kept, chunk: &[u8], at: usize) {
        match event {
            Event::KeyBegin => self.key = kept.length(at),
            Event::KeyEnd => {
                self.leaving_out = is_key(kept.since(self.key, chunk, at), "managedFields");
                if self.leaving_out {
                    kept.rewind(self.member, chunk);
                } else {
                    self.first = false;
                }
            }
            Event::Comma => {
                // The comma stays unless the member before was the first and is gone.
                let comma = if self.leaving_out && self.first { at } else { at - 1 };
                if std::mem::take(&mut self.leaving_out) {
                    kept.resume(comma);
                }
                self.member = kept.length(comma);
            }
            Event::ValueBegin | Event::ValueEnd => {}
        }
    }
}

/// Whether this text, with its quotation marks, is that key.
fn is_key(text: &[u8], key: &str) -> bool {
    match text {
        [b'"', plain @ .., b'"'] if memchr::memchr(b'\\', plain).is_none() => plain == key.as_bytes(),
        _ => serde_json::from_slice::<String>(text).is_ok_and(|text| text == key),
    }
}

/// Where in a text the object is from which `managedFields` are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectPlace {
    /// The text is the object.
    Whole,
    /// It is the member `object` of the text: an event of a watch.
    Event,
}

/// The text without `metadata.managedFields` of the object in it: the text itself if there are none, else what is left
/// of it in `buffer`.
pub(crate) fn without_managed_fields<'a>(
    text: &'a [u8],
    place: ObjectPlace,
    kept: &'a mut Kept,
) -> Result<&'a [u8], Invalid> {
    let depth = match place {
        ObjectPlace::Whole => 0,
        ObjectPlace::Event => 1,
    };
    let (mut scanner, mut at, mut key, mut object) = (Scanner::new(), 0, 0, None);
    let mut is_object = depth == 0;
    scanner.watch(depth);
    kept.begin(0);
    while let Some(event) = scanner.next(text, &mut at)? {
        match (scanner.depth() == depth, event) {
            (true, Event::KeyBegin) => key = at,
            (true, Event::KeyEnd) => is_object = is_key(&text[key..at], "object"),
            (true, Event::ValueBegin) if is_object => object = Some(ManagedFields::new(&mut scanner)),
            (true, Event::ValueEnd) => {
                object = None;
                scanner.watch(depth);
            }
            _ => {
                if let Some(object) = &mut object {
                    object.follow(event, &mut scanner, kept, text, at);
                }
            }
        }
    }
    scanner.end()?;
    Ok(kept.since(0, text, text.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn without(text: &str, place: ObjectPlace) -> Result<String, Invalid> {
        let mut kept = Kept::default();
        let left = without_managed_fields(text.as_bytes(), place, &mut kept)?;
        Ok(String::from_utf8(left.to_vec()).expect("text stays text"))
    }

    #[test]
    fn managed_fields_of_the_object_are_cut_out_in_any_place() {
        let rows = [
            (r#"{"metadata":{"managedFields":[{"a":[1]}]}}"#, r#"{"metadata":{}}"#),
            (r#"{"metadata":{"managedFields":[],"name":"a"}}"#, r#"{"metadata":{"name":"a"}}"#),
            (r#"{"metadata":{"name":"a","managedFields":[]}}"#, r#"{"metadata":{"name":"a"}}"#),
            (
                r#"{"metadata":{"name":"a","managedFields":null,"uid":"b"}}"#,
                r#"{"metadata":{"name":"a","uid":"b"}}"#,
            ),
            (
                "{ \"metadata\" : { \"managedFields\" : [ ] , \"name\" : \"a\" } }",
                "{ \"metadata\" : { \"name\" : \"a\" } }",
            ),
            (
                "{ \"metadata\" : { \"name\" : \"a\" , \"managedFields\" : 1.5 } , \"x\" : 1 }",
                "{ \"metadata\" : { \"name\" : \"a\" } , \"x\" : 1 }",
            ),
            (r#"{"metadata":{"managedFields":[],"managedFields":{}}}"#, r#"{"metadata":{}}"#),
            (r#"{"metadata":{"managedFields":[],"managedFields":{},"a":1}}"#, r#"{"metadata":{"a":1}}"#),
            (
                r#"{"metadata":{"managed\u0046ields":[]},"m\u0065tadata":{"managedFields":"]"}}"#,
                r#"{"metadata":{},"m\u0065tadata":{}}"#,
            ),
        ];
        for (text, wanted) in rows {
            let got = without(text, ObjectPlace::Whole).unwrap();
            assert_eq!(got.replace(' ', ""), wanted.replace(' ', ""), "{text}");
            assert!(serde_json::from_str::<Value>(&got).is_ok(), "{got}");
        }
    }

    #[test]
    fn what_only_looks_like_managed_fields_stays() {
        let rows = [
            r#"{"managedFields":[1]}"#,
            r#"{"spec":{"template":{"metadata":{"managedFields":[1]}}}}"#,
            r#"{"spec":{"managedFields":[1]},"metadata":{"labels":{"managedFields":"1"}}}"#,
            r#"{"metadata":{"annotations":{"a":"\"managedFields\":[1],"},"name":"managedFields"}}"#,
            r#"{"metadata":["managedFields",{"managedFields":[1]}],"b":"metadata"}"#,
            r#"{"metadata":"managedFields","Metadata":{"managedFields":1},"metadata ":{"managedFields":1}}"#,
            r#"[{"metadata":{"managedFields":[1]}}]"#,
            "1",
            " null ",
        ];
        for text in rows {
            assert_eq!(without(text, ObjectPlace::Whole).unwrap(), text);
        }
        let list = r#"{"items":[{"metadata":{"managedFields":[1]}}],"metadata":{}}"#;
        assert_eq!(without(list, ObjectPlace::Whole).unwrap(), list);
    }

    #[test]
    fn of_an_event_the_object_alone_is_looked_at() {
        let object = r#"{"metadata":{"managedFields":[1],"name":"a"}}"#;
        let event = format!(r#"{{"type":"ADDED","metadata":{object},"object":{object}}}"#);
        let wanted =
            format!(r#"{{"type":"ADDED","metadata":{object},"object":{{"metadata":{{"name":"a"}}}}}}"#);
        assert_eq!(without(&event, ObjectPlace::Event).unwrap(), wanted);
        assert_eq!(without(object, ObjectPlace::Event).unwrap(), object);
    }

    #[test]
    fn a_text_without_managed_fields_is_not_copied() {
        let text = br#"{"metadata":{"name":"a"}}"#;
        let mut kept = Kept::default();
        let left = without_managed_fields(text, ObjectPlace::Whole, &mut kept).unwrap();
        assert_eq!(left.as_ptr(), text.as_ptr());
    }

    #[test]
    fn what_is_left_out_must_be_json_and_so_must_its_surroundings() {
        for text in [
            r#"{"metadata":{"managedFields":[1}]}}"#,
            r#"{"metadata":{"managedFields":[1],}}"#,
            r#"{"metadata":{,"managedFields":[1]}}"#,
            r#"{"metadata":{"a":1 "managedFields":[1]}}"#,
            r#"{"metadata":{"a":1,,"managedFields":[1]}}"#,
            r#"{"metadata":{"managedFields":[1] "a":1}}"#,
            r#"{"metadata":{"managedFields" [1]}}"#,
            r#"{"metadata":{"managedFields":[01]}}"#,
            r#"{"metadata":{"managedFields":"#,
            r#"{"metadata":{"managedFields":[1]}"#,
        ] {
            assert!(without(text, ObjectPlace::Whole).is_err(), "{text}");
        }
    }
}
