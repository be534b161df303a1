//! The surface of the compiled version: every operation of its document is a call of the clientset, or skipped with a
//! reason, and the clientset makes no call that the document lacks.

#[path = "../generated/operations.rs"]
#[rustfmt::skip]
mod operations;

use kubeset::rest::{Proxy, Request};
use kubeset::{Clientset, Config, MergePatch, PatchDocument};
use kubeset_codegen::fixups::FIXUPS;
use kubeset_codegen::{Version, merged_model, openapi};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const VERSION: Version = Version::new(if cfg!(feature = "v1_33") {
    33
} else if cfg!(feature = "v1_34") {
    34
} else if cfg!(feature = "v1_35") {
    35
} else if cfg!(feature = "v1_36") {
    36
} else {
    37
});

/// The requests that were made: method and path as they go over the wire.
#[derive(Debug, Default)]
struct Seen {
    calls: BTreeSet<(String, String)>,
}

impl Seen {
    fn record(&mut self, builder: &impl AsRef<Request>) {
        let request = builder.as_ref();
        let path = request.path().expect("a placeholder is a valid name");
        self.calls.insert((request.method().to_string(), path));
    }

    /// Records the methods that a proxy passes on, with and without a path behind it.
    fn record_proxy(&mut self, proxy: impl Fn() -> Proxy) {
        for method in ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] {
            let proxy = || proxy().method(method.parse().expect("it is a method"));
            self.record(&proxy());
            self.record(&proxy().path("{path}"));
        }
    }

    /// Records what the clientset offers outside of the API groups.
    fn record_server(&mut self, clientset: &Clientset) {
        self.record(&clientset.server_version());
        self.record(&clientset.api_versions());
        self.record(&clientset.api_groups());
        self.record(&clientset.log_files());
        self.record(&clientset.log_file("{logpath}"));
        self.record(&clientset.openid_keys());
        self.record(&clientset.openid_configuration());
    }
}

/// A patch that changes nothing.
fn merge_patch() -> impl PatchDocument {
    MergePatch(())
}

/// A call as it goes over the wire: the braces of a placeholder are escaped.
fn on_the_wire(method: &str, path: &str) -> (String, String) {
    (method.to_owned(), path.replace('{', "%7B").replace('}', "%7D"))
}

#[test]
fn the_clientset_makes_exactly_the_calls_of_its_version() {
    let clientset = Clientset::new(&Config::new("http://localhost")).expect("the configuration is valid");
    let mut seen = Seen::default();
    operations::operations(&clientset, &mut seen);
    seen.record_server(&clientset);

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../codegen/openapi/v{VERSION}.json"));
    let extract = fs::read_to_string(file).expect("the extract can be read");
    let document = openapi::parse(&extract).expect("the extract is valid");
    let model = merged_model([extract.as_str()], FIXUPS).expect("the extract is valid");
    let skipped = model.skipped(VERSION);
    let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, operations) in &document.paths {
        wanted.extend(operations.keys().map(|method| on_the_wire(method, path)));
    }
    for call in skipped.keys() {
        assert!(
            wanted.remove(&on_the_wire(&call.method, &call.path)),
            "{call} is skipped and does not exist"
        );
    }

    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in skipped.values() {
        *reasons.entry(reason).or_default() += 1;
    }
    println!("{VERSION}: {} operations made, {} skipped", seen.calls.len(), skipped.len());
    for (reason, count) in reasons {
        println!("  {count} skipped: {reason}");
    }
    assert_eq!(wanted.difference(&seen.calls).collect::<Vec<_>>(), Vec::<&_>::new(), "not offered");
    assert_eq!(seen.calls.difference(&wanted).collect::<Vec<_>>(), Vec::<&_>::new(), "not in the document");
}
