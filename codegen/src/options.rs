//! The query parameters that the builders of `kubeset-rest` can send, verb by verb.
//!
//! [`lower`](crate::lower) holds every operation against this table, in both directions: a parameter that no builder
//! offers is an error, and so is one that a builder offers and the server does not know.

use crate::model::Verb;
use crate::version::Version;
use std::collections::BTreeMap;

/// A query parameter with a setter in `kubeset-rest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryOption {
    /// The name on the wire.
    pub name: &'static str,
    /// `string`, `integer` or `boolean`.
    pub kind: &'static str,
    /// The first version whose documents have it; the oldest that we read if it is older.
    pub since: Version,
}

const OLDEST: Version = Version::new(33);

const fn text(name: &'static str) -> QueryOption {
    QueryOption { name, kind: "string", since: OLDEST }
}

const fn number(name: &'static str) -> QueryOption {
    QueryOption { name, kind: "integer", since: OLDEST }
}

const fn flag(name: &'static str) -> QueryOption {
    QueryOption { name, kind: "boolean", since: OLDEST }
}

const fn since(minor: u8, option: QueryOption) -> QueryOption {
    QueryOption { since: Version::new(minor), ..option }
}

const LIST: &[QueryOption] = &[
    text("continue"),
    text("fieldSelector"),
    text("labelSelector"),
    number("limit"),
    text("resourceVersion"),
    text("resourceVersionMatch"),
    since(36, text("shardSelector")),
    number("timeoutSeconds"),
];
/// What only a watch sends. The documents list it at the same operation as the list's own.
const WATCH: &[QueryOption] = &[flag("allowWatchBookmarks"), flag("sendInitialEvents"), flag("watch")];
const WRITE: &[QueryOption] = &[text("dryRun"), text("fieldManager"), text("fieldValidation")];
/// What only an apply sends. The documents list it at the same operation as the patch's own.
const APPLY: &[QueryOption] = &[flag("force")];
/// The builders send these in the body, as `DeleteOptions`; servers read them from either place.
const DELETE: &[QueryOption] = &[
    text("dryRun"),
    number("gracePeriodSeconds"),
    flag("ignoreStoreReadErrorWithClusterBreakingPotential"),
    text("propagationPolicy"),
];
const LOGS: &[QueryOption] = &[
    text("container"),
    flag("follow"),
    flag("insecureSkipTLSVerifyBackend"),
    number("limitBytes"),
    flag("previous"),
    number("sinceSeconds"),
    text("stream"),
    number("tailLines"),
    flag("timestamps"),
];
/// The path behind a proxied object. Documents list it as a query parameter even where the path has a place for it; the
/// builder puts it into the path, which servers read.
const PROXY: &[QueryOption] = &[text("path")];

/// The options that a verb's operation has, and those of the verb that shares the operation with it.
pub fn options(verb: Verb) -> &'static [&'static [QueryOption]] {
    match verb {
        Verb::Get => &[],
        Verb::List | Verb::Watch => &[LIST, WATCH],
        Verb::Create | Verb::Replace => &[WRITE],
        Verb::Patch | Verb::Apply => &[WRITE, APPLY],
        Verb::Delete => &[DELETE],
        Verb::DeleteCollection => &[LIST, DELETE],
        Verb::Logs => &[LOGS],
        Verb::Proxy => &[PROXY],
    }
}

/// Names and types of the options that a verb's operation has in one version.
pub(crate) fn expected(verb: Verb, version: Version) -> BTreeMap<&'static str, &'static str> {
    let all = options(verb).iter().flat_map(|table| table.iter());
    all.filter(|option| option.since <= version).map(|option| (option.name, option.kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::expected;
    use crate::model::Verb;
    use crate::version::Version;

    #[test]
    fn an_option_is_expected_from_its_first_version_on() {
        assert!(!expected(Verb::List, Version::new(35)).contains_key("shardSelector"));
        assert!(expected(Verb::List, Version::new(36)).contains_key("shardSelector"));
    }

    #[test]
    fn a_list_and_its_watch_share_one_operation() {
        assert_eq!(expected(Verb::List, Version::new(37)), expected(Verb::Watch, Version::new(37)));
    }
}
