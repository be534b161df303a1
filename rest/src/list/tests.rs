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

fn keeps(managed_fields: bool) -> Keeps {
    if managed_fields { Keeps::Everything } else { Keeps::AllButManagedFields }
}

fn read(chunks: &[&[u8]], limit: usize, managed_fields: bool) -> Result<Found, Problem> {
    let mut cutter = Cutter::new(Format::Json, EXPECTED, limit, keeps(managed_fields));
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
    let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, Keeps::Everything);
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
        let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, keeps(managed_fields));
        cutter.push(chunk.clone());
        let item = cutter.next().unwrap().expect("an item");
        assert_eq!(item.as_ptr(), chunk[10..].as_ptr());
    }
}

#[test]
fn a_failure_is_found_before_any_items() {
    let failure = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
    for size in [1, 7, failure.len()] {
        let mut cutter = Cutter::new(Format::Json, EXPECTED, 100, Keeps::Everything);
        for chunk in failure.chunks(size) {
            cutter.push(Bytes::copy_from_slice(chunk));
            assert!(cutter.next().unwrap().is_none());
        }
        assert!(cutter.end().is_err(), "its kind is another");
        assert!(cutter.failure().expect("a failure").is_expired());
    }
}

#[cfg(feature = "protobuf")]
mod protobuf {
    use k8s_openapi::List;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ManagedFieldsEntry, ObjectMeta};
    use kubeset_protobuf::{MAGIC, to_vec};

    use super::*;

    type Outcome = Result<List<ConfigMap>, Problem>;

    fn list() -> List<ConfigMap> {
        let named = |name: &str| {
            let owners = vec![ManagedFieldsEntry { manager: Some("m".into()), ..Default::default() }];
            let metadata =
                ObjectMeta { name: Some(name.into()), managed_fields: Some(owners), ..ObjectMeta::default() };
            let data = Some([("key".into(), "value ".repeat(30))].into());
            ConfigMap { metadata, data, ..ConfigMap::default() }
        };
        let metadata = ListMeta { resource_version: Some("9".into()), ..ListMeta::default() };
        List { items: ["a", "b", "c"].map(named).into(), metadata }
    }

    fn read(chunks: &[&[u8]], limit: usize, keeps: Keeps) -> Outcome {
        let mut cutter = Cutter::new(Format::Protobuf, EXPECTED, limit, keeps);
        let mut items = Vec::new();
        for chunk in chunks {
            cutter.push(Bytes::copy_from_slice(chunk));
            while let Some(item) = cutter.decode_next()? {
                items.push(item);
            }
        }
        cutter.end()?;
        Ok(List { items, metadata: cutter.metadata().expect("it is there at the end").clone() })
    }

    fn whole(body: &[u8]) -> Outcome {
        read(&[body], 1 << 20, Keeps::Everything)
    }

    /// A field with these bytes, fewer than 128.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(bytes.len()).expect("few bytes");
        [&[number << 3 | 2, length], bytes].concat()
    }

    fn body(fields: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC.to_vec(), fields.concat()].concat()
    }

    fn type_meta(kind: &str) -> Vec<u8> {
        field(1, &[field(1, b"v1"), field(2, kind.as_bytes())].concat())
    }

    #[test]
    fn items_are_the_same_wherever_the_chunks_are_cut() {
        let text = to_vec(&list()).expect("protobuf");
        for keeps in [Keeps::Everything, Keeps::AllButManagedFields] {
            let mut wanted = list();
            if keeps == Keeps::AllButManagedFields {
                wanted.items.iter_mut().for_each(|item| item.metadata.managed_fields = None);
            }
            for first in 0..=text.len() {
                let (start, end) = text.split_at(first);
                assert_eq!(read(&[start, end], 1 << 20, keeps).unwrap(), wanted, "cut at {first}");
            }
            for size in 1..20 {
                let chunks: Vec<&[u8]> = text.chunks(size).collect();
                assert_eq!(read(&chunks, 1 << 20, keeps).unwrap(), wanted, "chunks of {size}");
            }
        }
    }

    #[test]
    fn fields_come_in_any_order_and_may_be_missing_or_unknown() {
        let item = field(2, &field(1, &field(1, b"a")));
        let metadata = field(1, &field(2, b"9"));
        let other = vec![0x38, 0x80, 1, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x3d, 1, 2, 3, 4, 0x3a, 1, 7];
        let rows = [
            (body(&[field(2, &[item.clone(), metadata.clone()].concat()), type_meta("ConfigMapList")]), 1),
            (body(&[other.clone(), field(2, &[metadata, other.clone(), item].concat()), other]), 1),
            (body(&[type_meta("ConfigMapList"), field(2, b""), field(3, b""), field(4, b"x")]), 0),
            (body(&[type_meta("ConfigMapList")]), 0),
            (MAGIC.to_vec(), 0),
        ];
        for (body, count) in rows {
            assert_eq!(whole(&body).unwrap().items.len(), count, "{body:?}");
        }
    }

    #[test]
    fn what_is_not_the_expected_list_is_refused() {
        let list = field(2, &field(2, &field(1, &field(1, b"a"))));
        let long = [&[0x12_u8, 0x84][..], &[0xff; 8], &[1]].concat();
        let rows: [(Vec<u8>, &str); 13] = [
            (b"{}".to_vec(), "does not begin as"),
            (b"k8s".to_vec(), "ends too early"),
            (body(&[type_meta("PodList"), list.clone()]), "its kind is not ConfigMapList"),
            (body(&[list.clone(), type_meta("PodList")]), "its kind is not ConfigMapList"),
            (body(&[field(1, &[0x0a, 7])]), "ends"),
            (body(&[list.clone(), list.clone()]), "the list comes twice"),
            (body(&[list.clone(), field(3, b"gzip")]), "encoded a second time"),
            (body(&[field(2, &[0x12, 5, 1])]), "reaches beyond the list"),
            (body(&[field(2, &[0x12])]), "reaches beyond the list"),
            (body(&[vec![0x0b]]), "unexpected wire type"),
            (body(&[vec![0x02, 0]]), "number is out of range"),
            (body(&[vec![0xff; 11]]), "more than 64 bits"),
            (body(&[long]), "it ends after 0 items"),
        ];
        for (body, wanted) in rows {
            let problem = whole(&body).unwrap_err();
            assert!(problem.contains(wanted), "{body:?}: {problem}");
        }
        let whole_list = [MAGIC, &list].concat();
        for end in MAGIC.len() + 1..whole_list.len() {
            assert!(whole(&whole_list[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn an_item_is_refused_by_its_length_and_not_copied_if_it_is_whole() {
        let text = Bytes::from(to_vec(&list()).expect("protobuf"));
        assert_eq!(
            read(&[&text[..40]], 100, Keeps::Everything).unwrap_err(),
            "item 1 is longer than 100 bytes"
        );
        let mut cutter = Cutter::new(Format::Protobuf, EXPECTED, 1_000, Keeps::Everything);
        cutter.push(text.clone());
        let item = cutter.next().unwrap().expect("an item").as_ptr();
        assert!(text.as_ptr_range().contains(&item));
    }

    #[test]
    fn a_failure_is_found_wherever_it_is_cut() {
        let status = [field(2, b"Failure"), field(4, b"Expired")].concat();
        let text = body(&[type_meta("Status"), field(2, &status)]);
        for size in 1..=text.len() {
            let mut cutter = Cutter::new(Format::Protobuf, EXPECTED, 100, Keeps::Everything);
            for chunk in text.chunks(size) {
                cutter.push(Bytes::copy_from_slice(chunk));
                assert!(cutter.next().unwrap().is_none());
            }
            assert!(cutter.end().is_err(), "its kind is another");
            assert!(cutter.failure().expect("a failure").is_expired(), "{size}");
        }
    }
}
