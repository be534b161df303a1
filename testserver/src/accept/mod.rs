//! What a client wants to read: objects, their metadata, or tables, and in which encoding.

mod clause;

use crate::catalog::Resource;
use crate::failure::Failure;
use http::HeaderMap;

pub(crate) use clause::{Clause, passes_router};

/// What an answer shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// As it is.
    #[default]
    Object,
    /// `PartialObjectMetadata`, or for a list a list of it, of a version of `meta.k8s.io`.
    Metadata(&'static str),
    /// `PartialObjectMetadataList`, which only lists have.
    MetadataList(&'static str),
    /// A `Table`, of a version of `meta.k8s.io`.
    Table(&'static str),
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Json,
    Yaml,
    Protobuf,
}

impl Encoding {
    /// All, in the order in which they are offered.
    const ALL: [Self; 3] = [Self::Json, Self::Yaml, Self::Protobuf];

    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
            Self::Protobuf => kubeset_protobuf::MEDIA_TYPE,
        }
    }
}

/// What an answer shows, and how it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Representation {
    pub(crate) view: View,
    pub(crate) encoding: Encoding,
}

/// What answers come from, which decides in what forms they can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Objects of a kind of Kubernetes' own.
    BuiltIn,
    /// Custom objects, which have no protobuf; their metadata has.
    Custom,
    /// What is only shown as it is, such as the `Status` of a failure.
    Plain,
}

/// The media types that kube-apiserver reads and writes objects in, which messages tell. Of them, this server reads and
/// writes all but CBOR.
pub(crate) const REPRESENTATIONS: &str =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor";

/// The media types that kube-apiserver can write watches in. Of them, this server writes all but CBOR.
pub(crate) const STREAMS: &str =
    "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch, application/cbor-seq";

/// Picks the form of the answer to a verb that the client prefers among those that there are.
///
/// # Errors
///
/// If there is none.
pub(crate) fn representation(
    headers: &HeaderMap,
    source: Source,
    verb: &str,
) -> Result<Representation, Failure> {
    // No router is asked about custom objects.
    if source != Source::Custom && !passes_router(headers, REPRESENTATIONS.split(", ")) {
        return Err(match verb {
            "list" | "watch" => Failure::no_representation(&format!("{REPRESENTATIONS}, {STREAMS}")),
            _ => Failure::no_representation(REPRESENTATIONS),
        });
    }
    let picked = first(headers, |clause, encoding| {
        Some(Representation { view: source.view(clause, encoding)?, encoding })
    });
    picked.ok_or_else(|| Failure::not_acceptable(REPRESENTATIONS))
}

/// How what has no other forms is written for the client; none if it accepts nothing of that.
pub(crate) fn plain(headers: &HeaderMap) -> Option<Encoding> {
    first(headers, |clause, encoding| Source::Plain.view(clause, encoding).map(|_| encoding))
}

/// What the first clause and the first encoding that it covers give together, if something does.
pub(crate) fn first<T>(headers: &HeaderMap, give: impl Fn(&Clause<'_>, Encoding) -> Option<T>) -> Option<T> {
    let clauses = Clause::all(headers);
    clauses.iter().find_map(|clause| {
        let covered = Encoding::ALL.into_iter().filter(|encoding| clause.covers(encoding.media_type()));
        covered.filter(|encoding| streams(clause, *encoding)).find_map(|encoding| give(clause, encoding))
    })
}

/// Whether an encoding has the stream that a clause may name. YAML has none.
fn streams(clause: &Clause<'_>, encoding: Encoding) -> bool {
    clause.parameter("stream").is_none_or(|stream| stream == "watch" && encoding != Encoding::Yaml)
}

impl Source {
    /// What is shown to a client that accepts this; none if there is no such thing.
    fn view(self, clause: &Clause<'_>, encoding: Encoding) -> Option<View> {
        let version = if self == Self::Plain { None } else { Some("v1") };
        if clause.parameter("sv").is_some() && clause.parameter("sv") != version {
            return None;
        }
        let form = ["as", "g", "v"].map(|name| clause.parameter(name));
        if form == [None; 3] {
            let has_none = self == Self::Custom && encoding == Encoding::Protobuf;
            return (!has_none).then_some(View::Object);
        }
        let [Some(form), Some("meta.k8s.io"), Some(version)] = form else { return None };
        let version = ["v1", "v1beta1"].into_iter().find(|known| *known == version)?;
        match form {
            _ if self == Self::Plain => None,
            // Their cells are of any type, which protobuf has not.
            "Table" if encoding != Encoding::Protobuf => Some(View::Table(version)),
            "PartialObjectMetadata" => Some(View::Metadata(version)),
            "PartialObjectMetadataList" => Some(View::MetadataList(version)),
            _ => None,
        }
    }
}

/// Checks that a form is one that the answer to a verb has.
///
/// # Errors
///
/// If a list is wanted of one object, or one object of a list.
pub(crate) fn fitting(view: View, verb: &str, resource: &Resource) -> Result<View, Failure> {
    let is_list = matches!(verb, "list" | "deletecollection");
    let (package, kind) = if resource.custom.is_some() {
        ("unstructured", "Unstructured")
    } else {
        let label = resource.group.split('.').next().filter(|label| !label.is_empty());
        (label.unwrap_or("core"), resource.kind.as_ref())
    };
    match view {
        View::Metadata(_) if is_list => Err(Failure::unfit_form(&format!(
            "you requested PartialObjectMetadata, but the requested object is a list (*{package}.{kind}List)"
        ))),
        View::MetadataList(version) if is_list => Ok(View::Metadata(version)),
        View::MetadataList(version) if verb == "watch" => Ok(View::Metadata(version)),
        View::MetadataList(_) => Err(Failure::unfit_form(&format!(
            "you requested PartialObjectMetadataList, but the requested object is not a list (*{package}.{kind})"
        ))),
        fits => Ok(fits),
    }
}

/// Whether the client takes plain text.
pub(crate) fn is_text(headers: &HeaderMap) -> bool {
    passes_router(headers, std::iter::once("text/plain"))
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Representation, Source, View, plain, representation};
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    fn accepting(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))])
    }

    fn picked(accept: &'static str, source: Source) -> Option<(View, Encoding)> {
        let picked = representation(&accepting(accept), source, "get").ok();
        picked.map(|Representation { view, encoding }| (view, encoding))
    }

    #[test]
    fn the_first_form_that_the_server_has_is_picked() {
        let of = |accept| picked(accept, Source::BuiltIn);
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(of(table), Some((View::Table("v1"), Encoding::Json)));
        let preferring = "application/vnd.kubernetes.protobuf, application/json";
        assert_eq!(of(preferring), Some((View::Object, Encoding::Protobuf)));
        assert_eq!(
            of("application/vnd.kubernetes.protobuf;q=0.1, */*;q=0.5"),
            Some((View::Object, Encoding::Json))
        );
        assert_eq!(of("application/yaml, application/json"), Some((View::Object, Encoding::Yaml)));
        assert_eq!(of("*/*"), Some((View::Object, Encoding::Json)));
        assert_eq!(of("application/*"), None);
        assert_eq!(of("application/json;as=Table;v=v9;g=meta.k8s.io"), None);
        assert_eq!(of("application/json;as=Table"), None);
        assert_eq!(of("application/json;v=v1;g=meta.k8s.io"), None);
        assert_eq!(of("application/json;sv=v1"), Some((View::Object, Encoding::Json)));
        assert_eq!(of("application/json;sv=v2"), None);
    }

    #[test]
    fn tables_and_custom_objects_have_no_protobuf_and_their_metadata_has() {
        let metadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        for source in [Source::BuiltIn, Source::Custom] {
            assert_eq!(picked(metadata, source), Some((View::Metadata("v1"), Encoding::Protobuf)));
            let table = "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1";
            assert_eq!(picked(table, source), None);
        }
        assert_eq!(picked("application/vnd.kubernetes.protobuf", Source::Custom), None);
        let preferring = "application/vnd.kubernetes.protobuf, application/json";
        assert_eq!(picked(preferring, Source::Custom), Some((View::Object, Encoding::Json)));
    }

    #[test]
    fn a_stream_can_be_named_and_is_none_of_yaml() {
        let of = |accept| picked(accept, Source::BuiltIn);
        let stream = "application/vnd.kubernetes.protobuf;stream=watch";
        assert_eq!(of(stream), Some((View::Object, Encoding::Protobuf)));
        assert_eq!(of("application/yaml;stream=watch"), None);
        assert_eq!(of("application/json;stream=other"), None);
    }

    #[test]
    fn failures_take_the_first_clause_without_a_form() {
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io, application/vnd.kubernetes.protobuf";
        assert_eq!(plain(&accepting(table)), Some(Encoding::Protobuf));
        assert_eq!(plain(&accepting("application/json;sv=v1")), None);
        assert_eq!(plain(&accepting("text/html")), None);
        assert_eq!(plain(&HeaderMap::new()), Some(Encoding::Json));
    }
}
