//! `.proto` files that `go-to-protobuf` has written: a field to a line, and nothing nested.

use kubeset_codegen::protobuf::Form;
use std::collections::BTreeMap;

/// A field, as the file has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ProtoField {
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) form: Form,
    /// A scalar, or a message, with a dot before its name if it is of the same package.
    pub(super) kind: String,
}

/// The messages of a file, by name, each with its fields in the order of the file.
///
/// # Errors
///
/// The line that is nothing known.
pub(super) fn messages(text: &str) -> Result<BTreeMap<String, Vec<ProtoField>>, String> {
    let mut messages = BTreeMap::<String, Vec<ProtoField>>::new();
    let (mut package, mut message) = (String::new(), None);
    let code = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    for line in without_licence(code) {
        if let Some(name) = line.strip_prefix("package ") {
            package = short(name.trim_end_matches(';'));
        } else if let Some(name) = line.strip_prefix("message ") {
            let name = format!("{package}.{}", name.trim_end_matches('{').trim_end());
            message = Some(messages.entry(name).or_default());
        } else if line == "}" {
            message = None;
        } else if let Some(message) = &mut message {
            let field = field(line, &package).ok_or_else(|| format!("`{line}` is no field that is known"))?;
            message.push(field);
        } else if !["syntax ", "import ", "option "].iter().any(|word| line.starts_with(word)) {
            return Err(format!("`{line}` is not known"));
        }
    }
    Ok(messages)
}

/// The lines that are not of the comment with which a file begins.
fn without_licence<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut inside = false;
    lines.filter(move |line| {
        let was_inside = inside || line.starts_with("/*");
        inside = was_inside && !line.ends_with("*/");
        !was_inside
    })
}

/// `optional .k8s.io.api.core.v1.PodSpec spec = 2;`
fn field(line: &str, package: &str) -> Option<ProtoField> {
    let (declaration, number) = line.strip_suffix(';')?.rsplit_once(" = ")?;
    let (kind, name) = declaration.rsplit_once(' ')?;
    let (form, kind) = if let Some(kind) = kind.strip_prefix("repeated ") {
        (Form::List, kind)
    } else if let Some(kind) = kind.strip_prefix("map<string, ") {
        (Form::Map, kind.strip_suffix('>')?)
    } else {
        (Form::Once, kind.strip_prefix("optional ")?)
    };
    let kind = match kind.strip_prefix('.') {
        Some(full) => short(full),
        None if kind.starts_with(char::is_uppercase) => format!(".{kind}"),
        None => kind.to_owned(),
    };
    let kind = match kind.strip_prefix(package) {
        Some(own) if own.starts_with('.') && !own[1..].contains('.') => own.to_owned(),
        _ => kind,
    };
    Some(ProtoField { name: name.to_owned(), number: number.parse().ok()?, form, kind })
}

/// A name as OpenAPI documents have it, without what they all begin with.
pub(super) fn short(name: &str) -> String {
    name.trim_start_matches("k8s.io.").replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::{Form, messages};

    #[test]
    fn fields_are_read_with_their_types() {
        let text = "/*\nmessage Licence {\n*/\nsyntax = \"proto2\";\npackage k8s.io.kube_aggregator.v1;\n\
            import \"k8s.io/a.proto\";\noption go_package = \"a\";\n// message Nothing {\nmessage Volume {\n\
            // a comment = 3;\n  optional string name = 1;\n  optional VolumeSource volumeSource = 2;\n\
            map<string, .k8s.io.apimachinery.pkg.api.resource.Quantity> sizes = 3;\n  repeated int32 ports = 4;\n\
            optional .k8s.io.kube_aggregator.v1.Node node = 5;\n}\nmessage Empty {\n}\n";
        let found = messages(text).unwrap();
        let names: Vec<&String> = found.keys().collect();
        assert_eq!(names, ["kube-aggregator.v1.Empty", "kube-aggregator.v1.Volume"]);
        let fields = found["kube-aggregator.v1.Volume"].iter();
        let fields: Vec<_> = fields.map(|field| (field.number, field.form, field.kind.as_str())).collect();
        let wanted = [
            (1, Form::Once, "string"),
            (2, Form::Once, ".VolumeSource"),
            (3, Form::Map, "apimachinery.pkg.api.resource.Quantity"),
            (4, Form::List, "int32"),
            (5, Form::Once, ".Node"),
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (line, error) in [
            ("message A {\n  oneof b {", "`oneof b {` is no field that is known"),
            (
                "message A {\n  map<int32, string> b = 1;",
                "`map<int32, string> b = 1;` is no field that is known",
            ),
            ("enum A {", "`enum A {` is not known"),
        ] {
            assert_eq!(messages(line).unwrap_err(), error);
        }
    }
}
