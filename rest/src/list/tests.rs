//! The same items come out of a list wherever its chunks are cut.

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::Value;

use super::*;

/// What came out of a list: its items as JSON, and its resource version.
#[derive(Debug, PartialEq)]
struct Found {
    items: Vec<Value>,
    version: Option<String>,
}

const EXPECTED: Expected = Expected::list_of::<ConfigMap>();

fn read(chunks: &[&[u8]], limit: usize, managed_fields: bool) -> Result<Found, Problem> {
    let mut cutter = Cutter::new(Format::Json, EXPECTED, limit, managed_fields);
    let mut items = Vec::new();
    for chunk in chunks {
        cutter.push(Bytes::copy_from_slice(chunk));
        while let Some(item) = cutter.decode_next()? {
            items.push(item);
        }
    }
    cutter.end()?;
    let version = cutter.metadata().expect("it is there at the end").resource_version.clone();
    Ok(Found { items, version })
}

fn whole(text: &str) -> Result<Found, Problem> {
    read(&[text.as_bytes()], 1 << 20, true)
}

const LIST: &str = r#"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[
    {"metadata":{"name":"a","managedFields":[{"manager":"x","fieldsV1":{"f:data":{"f:k\"":{}}}}],"uid":"1"},
     "data":{"managedFields":"]},{","q":"\\\""}},
    {"data":{"metadata":"\u00e9é"},"m\u0065tadata":{"managed\u0046ields":[],"name":"b"}} , {}
  ], "other":[{"items":[1]},-1.5e3,true] }
"#;

fn items(managed_fields: bool) -> Vec<Value> {
    let mut list: Value = serde_json::from_str(LIST).unwrap();
    let mut items = list["items"].as_array_mut().expect("items").clone();
    if !managed_fields {
        for metadata in items.iter_mut().filter_map(|item| item.get_mut("metadata")) {
            metadata.as_object_mut().expect("metadata").remove("managedFields");
        }
    }
    items
}

#[test]
fn items_are_the_same_wherever_the_chunks_are_cut() {
    for managed_fields in [true, false] {
        let wanted = Found { items: items(managed_fields), version: Some("9".into()) };
        let text = LIST.as_bytes();
        let read = |chunks: &[&[u8]]| read(chunks, 1 << 20, managed_fields).expect("it is a list");
        assert_eq!(read(&[text]), wanted);
        for first in 0..=text.len() {
            let (start, end) = text.split_at(first);
            assert_eq!(read(&[start, end]), wanted, "cut at {first}");
        }
        for size in 1..40 {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(read(&chunks), wanted, "chunks of {size}");
        }
    }
}

#[test]
fn members_come_in_any_order_and_may_be_missing_or_null() {
    let item = r#"{"metadata":{"name":"a"}}"#;
    let metadata = r#""metadata":{"resourceVersion":"9"}"#;
    let head = r#""apiVersion":"v1","kind":"ConfigMapList""#;
    let rows = [
        (format!(r#"{{"items":[{item}],{metadata},{head}}}"#), 1, Some("9")),
        (format!(r#"{{{metadata},"items":[{item},{item}]}}"#), 2, Some("9")),
        (format!(r#"{{"it\u0065ms":[{item}],"other":{{"kind":7}}}}"#), 1, None),
        (format!(r#"{{{head},"items":null,"metadata":null}}"#), 0, None),
        (format!(r#"{{{head},"items":[ ],"metadata":{{}}}}"#), 0, None),
        ("{}".to_owned(), 0, None),
    ];
    for (text, count, version) in rows {
        let found = whole(&text).unwrap();
        assert_eq!((found.items.len(), found.version.as_deref()), (count, version), "{text}");
    }
}

#[test]
fn what_is_not_the_expected_list_is_refused_without_its_text() {
    let rows = [
        (r#"{"kind":"PodList","items":[]}"#, "its kind is not ConfigMapList"),
        (r#"{"items":[],"kind":"PodList"}"#, "its kind is not ConfigMapList"),
        (r#"{"apiVersion":"v2","items":[]}"#, "its apiVersion is not v1"),
        (r#"{"kind":null}"#, "its kind: "),
        (r#"{"kind":7}"#, "its kind: "),
        (r#"{"metadata":"hunter2"}"#, "its metadata: "),
        (r#"{"items":{}}"#, "`items` is not an array"),
        (r#"{"items":"hunter2"}"#, "`items` is not an array"),
        (r#"{"items":[],"items":[]}"#, "`items` comes twice"),
        ("[]", "at byte 0: an object is expected"),
        (r#"{"items":[{]}"#, "at byte 12: a key or the end of the object is expected"),
        (r#"{"items":[{}}"#, "`,` or the end of the array is expected"),
        ("{\"\\ud800\":1}", "a key: "),
        (r#"{"items":[{},]}"#, "a value is expected"),
        (r#"{"items":[]} hunter2"#, "characters follow the end"),
        (r#"{"items":[{"a":1},{"a""#, "it ends after 2 items, before its end"),
        (r#"{"items":[{"a":1}"#, "it ends after 1 items, before its end"),
        (r#"{"items":[]"#, "the text ends too early"),
        ("", "the text ends too early"),
    ];
    for (text, wanted) in rows {
        let problem = whole(text).unwrap_err();
        assert!(problem.contains(wanted) && !problem.contains("hunter"), "{text}: {problem}");
    }
}

#[test]
fn an_item_that_is_not_of_the_kind_is_named_by_its_number() {
    let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, true);
    cutter.push(Bytes::from_static(br#"{"items":[{},{"data":"hunter2"}]}"#));
    assert!(cutter.decode_next::<ConfigMap>().unwrap().is_some());
    let problem = cutter.decode_next::<ConfigMap>().unwrap_err();
    assert!(problem.starts_with("item 2: ") && !problem.contains("hunter"), "{problem}");
}

#[test]
fn an_item_has_a_limit_which_what_is_left_out_does_not_count_to() {
    let text = br#"{"items":[{"metadata":{"managedFields":["12345678901234567890"]}}]}"#;
    let chunks: Vec<&[u8]> = text.chunks(5).collect();
    let wanted = "item 1 is longer than 30 bytes";
    assert_eq!(read(&chunks, 30, true).unwrap_err(), wanted);
    assert_eq!(read(&[text], 30, true).unwrap_err(), wanted);
    assert!(read(&chunks, 30, false).is_ok());
    assert!(read(&[text], 30, false).is_ok());
    let other = br#"{"metadata":{"resourceVersion":"12345678901234567890"}}"#;
    let chunks: Vec<&[u8]> = other.chunks(5).collect();
    assert_eq!(read(&chunks, 30, true).unwrap_err(), "a part is longer than 30 bytes");
}

#[test]
fn an_item_in_one_chunk_is_not_copied() {
    let chunk = Bytes::from_static(br#"{"items":[{"metadata":{"name":"a"}}]}"#);
    for managed_fields in [true, false] {
        let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, managed_fields);
        cutter.push(chunk.clone());
        let item = cutter.next().unwrap().expect("an item");
        assert_eq!(item.as_ptr(), chunk[10..].as_ptr());
    }
}

#[test]
fn a_failure_is_found_before_any_items() {
    let failure = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
    for size in [1, 7, failure.len()] {
        let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, true);
        for chunk in failure.chunks(size) {
            cutter.push(Bytes::copy_from_slice(chunk));
            assert!(cutter.next().unwrap().is_none());
        }
        assert!(cutter.end().is_err(), "its kind is another");
        assert!(cutter.failure().expect("a failure").is_expired());
    }
}
