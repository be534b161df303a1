//! Go's types, as far as the tags of their fields tell how JSON and protobuf have them.

use std::collections::BTreeMap;

/// A field that protobuf has too.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GoField {
    pub(super) number: u32,
    /// What protobuf calls it.
    pub(super) name: String,
    /// What JSON calls it, if it does.
    pub(super) json: Option<String>,
    /// Whether JSON has its fields among those of the type itself.
    pub(super) is_inline: bool,
    pub(super) is_pointer: bool,
    pub(super) omit_empty: bool,
    pub(super) omit_zero: bool,
}

/// The types of a file or a package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Types {
    /// The fields of each struct.
    pub(super) structs: BTreeMap<String, Vec<GoField>>,
    /// Types that are another package's under their own name: the path of the package, and the name that it has there.
    pub(super) renamed: BTreeMap<String, (String, String)>,
}

/// The types of a file in gofmt's form, which has a field to a line.
///
/// # Errors
///
/// The field whose tags cannot be read.
pub(super) fn types(text: &str) -> Result<Types, String> {
    Ok(Types { structs: structs(text)?, renamed: renamed(text) })
}

/// `type List metav1.List`.
fn renamed(text: &str) -> BTreeMap<String, (String, String)> {
    let imports: BTreeMap<&str, &str> = text.lines().filter_map(import).collect();
    let renamed = |line: &str| {
        let [name, other] = line.strip_prefix("type ")?.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let (package, other) = other.split_once('.')?;
        Some((name.to_owned(), ((*imports.get(package)?).to_owned(), other.to_owned())))
    };
    text.lines().filter_map(renamed).collect()
}

/// `metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"`, with or without a name for it.
fn import(line: &str) -> Option<(&str, &str)> {
    let (name, path) = line.strip_prefix('\t')?.strip_suffix('"')?.split_once('"')?;
    let own = path.rsplit_once('/').map_or(path, |(_, own)| own);
    Some((if name.is_empty() { own } else { name.trim_end() }, path))
}

/// The structs of a file, by name.
fn structs(text: &str) -> Result<BTreeMap<String, Vec<GoField>>, String> {
    let mut structs = BTreeMap::<String, Vec<GoField>>::new();
    let mut current = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("type ").and_then(|rest| rest.strip_suffix(" struct {")) {
            current = Some((name, structs.entry(name.to_owned()).or_default()));
        } else if line == "}" {
            current = None;
        } else if let Some((name, fields)) = &mut current
            && !line.trim_start().starts_with("//")
            && let Some((declaration, tags)) = line.split_once('`')
            && let Some((tags, _)) = tags.split_once('`')
        {
            let found = field(declaration, tags).map_err(|error| format!("{name}: `{tags}`: {error}"))?;
            fields.extend(found);
        }
    }
    Ok(structs)
}

/// A field with its tags; nothing if protobuf does not have it.
fn field(declaration: &str, tags: &str) -> Result<Option<GoField>, &'static str> {
    let mut words = declaration.split_whitespace();
    let first = words.next().ok_or("no field is before the tags")?;
    let kind = words.next();
    let Some(protobuf) = tag(tags, "protobuf").filter(|tag| *tag != "-") else { return Ok(None) };
    let mut parts = protobuf.split(',');
    let number = parts.nth(1).and_then(|number| number.parse().ok()).ok_or("no number of the field")?;
    let name = parts.find_map(|part| part.strip_prefix("name=")).map_or_else(|| lower(first), str::to_owned);
    let mut parts = tag(tags, "json").unwrap_or_default().split(',');
    let json = parts.next().unwrap_or_default();
    let options: Vec<&str> = parts.collect();
    // A type without a name for it is embedded, which Go's JSON takes as inlined, whether the tag says so or not.
    let is_inline = json.is_empty() && (kind.is_none() || options.contains(&"inline"));
    let json = match json {
        "-" => None,
        // Go's own name, which only types have that are not sent as JSON.
        "" => kind.filter(|_| !is_inline).map(|_| first.to_owned()),
        name => Some(name.to_owned()),
    };
    Ok(Some(GoField {
        number,
        name,
        json,
        is_inline,
        is_pointer: kind.unwrap_or(first).starts_with('*'),
        omit_empty: options.contains(&"omitempty"),
        omit_zero: options.contains(&"omitzero"),
    }))
}

/// What protobuf calls a field whose tag does not tell.
fn lower(name: &str) -> String {
    let own = name.rsplit(['.', '*']).next().unwrap_or(name);
    own.char_indices()
        .map(|(index, sign)| if index == 0 { sign.to_ascii_lowercase() } else { sign })
        .collect()
}

/// The value of a tag.
fn tag<'a>(tags: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tags;
    while let Some((found, after)) = rest.split_once(":\"") {
        let (value, after) = after.split_once('"')?;
        if found.trim() == name {
            return Some(value);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{GoField, structs, types};

    fn plain(number: u32, name: &str) -> GoField {
        GoField {
            number,
            name: name.to_owned(),
            json: Some(name.to_owned()),
            is_inline: false,
            is_pointer: false,
            omit_empty: false,
            omit_zero: false,
        }
    }

    #[test]
    fn tags_tell_what_json_has() {
        let text = "type Kinds []string\n\ntype A struct {\n\
            \tmetav1.TypeMeta `json:\",inline\"`\n\
            \t// Old `json:\"old\" protobuf:\"bytes,9,opt,name=old\"`\n\
            \tSource `json:\",inline\" protobuf:\"bytes,1,opt,name=source\"` // a comment\n\
            \tReplicas *int32 `json:\"replicas,omitempty\" patch:\"x\" protobuf:\"varint,2,opt,name=replicas\"`\n\
            \tTime Time `protobuf:\"bytes,3,opt,name=time\" json:\"time,omitempty,omitzero\"`\n\
            \tCategory string `json:\"type\" protobuf:\"bytes,4,opt,name=category,casttype=Category\"`\n\
            \tRaw []byte `json:\"-\" protobuf:\"bytes,5,opt,name=raw\"`\n\
            \tLocal `json:\"local\" protobuf:\"bytes,6,opt,name=local\"`\n\
            \ttime.Time `protobuf:\"-\"`\n}\n\nfunc f() {\n\tx := `protobuf:\"\"`\n}\n";
        let found = structs(text).unwrap();
        let names: Vec<&String> = found.keys().collect();
        assert_eq!(names, ["A"]);
        let wanted = [
            GoField { json: None, is_inline: true, ..plain(1, "source") },
            GoField { is_pointer: true, omit_empty: true, ..plain(2, "replicas") },
            GoField { omit_empty: true, omit_zero: true, ..plain(3, "time") },
            GoField { json: Some("type".to_owned()), ..plain(4, "category") },
            GoField { json: None, ..plain(5, "raw") },
            plain(6, "local"),
        ];
        assert_eq!(found["A"], wanted);
    }

    #[test]
    fn types_of_other_packages_are_found_by_their_import() {
        let text = "import (\n\tv1 \"k8s.io/api/a/v1\"\n\t\"k8s.io/api/b\"\n)\n\n\
            type A v1.B\n\ntype C b.D\n\ntype E = v1.F\n\ntype G string\n";
        let found: Vec<_> = types(text).unwrap().renamed.into_iter().collect();
        let wanted = [("A", "k8s.io/api/a/v1", "B"), ("C", "k8s.io/api/b", "D")];
        assert_eq!(found, wanted.map(|(name, path, other)| (name.into(), (path.into(), other.into()))));
    }

    #[test]
    fn a_field_without_a_number_is_refused() {
        let error = structs("type A struct {\n\tB string `protobuf:\"bytes\"`\n}\n").unwrap_err();
        assert_eq!(error, "A: `protobuf:\"bytes\"`: no number of the field");
    }
}
