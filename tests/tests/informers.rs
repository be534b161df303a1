//! The informers of the compiled version: one for each resource of its document that can be listed and watched across all
//! namespaces, and no other.

#[path = "../generated/informers.rs"]
#[rustfmt::skip]
mod generated;

use kubeset::informers::InformerBuilder;
use kubeset::k8s_openapi::Resource;
use kubeset::{Clientset, Config};
use kubeset_codegen::{Version, openapi};
use std::collections::BTreeSet;
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

/// The paths of what there are informers of, as their types say.
#[derive(Debug, Default)]
struct Seen {
    paths: BTreeSet<String>,
}

impl Seen {
    fn record<K: Resource>(&mut self, _: &InformerBuilder<K>) {
        let prefix = if K::GROUP.is_empty() { "/api".to_owned() } else { format!("/apis/{}", K::GROUP) };
        let path = format!("{prefix}/{}/{}", K::VERSION, K::URL_PATH_SEGMENT);
        assert!(self.paths.insert(path.clone()), "{path} has two informers");
    }
}

/// The paths of all objects of a resource, in whichever namespace, for which the document has both calls.
fn listed_and_watched() -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../codegen/openapi/v{VERSION}.json"));
    let extract = fs::read_to_string(file).expect("the extract can be read");
    let document = openapi::parse(&extract).expect("the extract is valid");
    let paths = |action: &str| {
        let has = |path: &&String| {
            document.paths[*path].values().any(|operation| operation.action.as_deref() == Some(action))
        };
        let whole = document.paths.keys().filter(|path| !path.contains('{'));
        whole.filter(has).cloned().collect::<BTreeSet<_>>()
    };
    // A watch of many objects has a path of its own in the document: `/api/v1/watch/pods`.
    let watched: BTreeSet<String> =
        paths("watchlist").iter().map(|path| path.replacen("/watch/", "/", 1)).collect();
    paths("list").intersection(&watched).cloned().collect()
}

#[test]
fn each_resource_that_can_be_listed_and_watched_has_an_informer_and_nothing_else() {
    let clientset = Clientset::new(&Config::new("http://localhost")).expect("the configuration is valid");
    let mut seen = Seen::default();
    generated::informers(&clientset.informers(), &mut seen);
    let wanted = listed_and_watched();
    println!("{VERSION}: {} informers", seen.paths.len());
    assert!(wanted.contains("/api/v1/pods") && !wanted.contains("/api/v1/componentstatuses"));
    assert_eq!(wanted.difference(&seen.paths).collect::<Vec<_>>(), Vec::<&String>::new(), "no informer");
    assert_eq!(
        seen.paths.difference(&wanted).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "not in the document"
    );
}
