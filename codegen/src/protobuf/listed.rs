//! What the rules for tables do not say, each with its reason.

/// A message by its name.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Its name, as in the facts.
    pub message: &'static str,
    /// Why it is listed.
    pub reason: &'static str,
}

const fn row(message: &'static str, reason: &'static str) -> Listed {
    Listed { message, reason }
}

const IN_QUERY: &str = "options of requests, which are kinds, although most go into the query";
const LIST: &str = "an array in JSON, for which protobuf needs a message";
const RAW: &str = "any JSON, as it is";
const TIME: &str = "text in JSON, as RFC 3339 has it";
const EITHER: &str = "one thing or another in JSON, known by its type";

/// Messages that are sent although no definition of any document has them, nor any field of one that has.
pub const ALSO: &[Listed] = &[
    row("api.core.v1.List", "a list of objects of any kind"),
    row("apimachinery.pkg.apis.meta.v1.ApplyOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.CreateOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.Duration", "a type that any kind may use"),
    row("apimachinery.pkg.apis.meta.v1.GetOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.List", "a list of objects of any kind"),
    row("apimachinery.pkg.apis.meta.v1.ListOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList", "an answer that is asked for with `as=`"),
    row("apimachinery.pkg.apis.meta.v1.PatchOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.TableOptions", IN_QUERY),
    row("apimachinery.pkg.apis.meta.v1.UpdateOptions", IN_QUERY),
    row("apimachinery.pkg.runtime.Unknown", "the envelope of every object"),
];

/// Messages whose fields JSON does not have: codecs know them by name. In tables, fields have the names of protobuf.
pub const OWN_JSON: &[Listed] = &[
    row("api.authentication.v1.AttestationValue", LIST),
    row("api.authentication.v1.ExtraValue", LIST),
    row("api.authorization.v1.ExtraValue", LIST),
    row("api.certificates.v1.ExtraValue", LIST),
    row("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", RAW),
    row("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray", EITHER),
    row("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool", EITHER),
    row("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray", EITHER),
    row("apimachinery.pkg.api.resource.Quantity", "text in JSON"),
    row("apimachinery.pkg.apis.meta.v1.Duration", "text in JSON, as Go writes durations"),
    row("apimachinery.pkg.apis.meta.v1.FieldsV1", RAW),
    row("apimachinery.pkg.apis.meta.v1.MicroTime", TIME),
    row("apimachinery.pkg.apis.meta.v1.Time", TIME),
    row("apimachinery.pkg.apis.meta.v1.Verbs", LIST),
    row("apimachinery.pkg.runtime.RawExtension", RAW),
    row("apimachinery.pkg.runtime.Unknown", "the object that it holds, in JSON"),
    row("apimachinery.pkg.util.intstr.IntOrString", EITHER),
];

/// Messages whose zero is `null` in JSON: nobody can tell it from a field that is not there, pointer or not.
pub const NULL_IN_JSON: &[Listed] = &[
    row("apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", "no JSON at all"),
    row("apimachinery.pkg.apis.meta.v1.FieldsV1", "no JSON at all"),
    row("apimachinery.pkg.apis.meta.v1.MicroTime", "Go's zero time"),
    row("apimachinery.pkg.apis.meta.v1.Time", "Go's zero time"),
    row("apimachinery.pkg.runtime.RawExtension", "no JSON at all"),
];

/// Whether a list has a message.
pub(super) fn has(list: &[Listed], message: &str) -> bool {
    list.iter().any(|listed| listed.message == message)
}
