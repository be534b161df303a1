//! What is measured, and which programs do it: the two tables of the benchmark.

/// A case: some work, the same for every program.
#[derive(Debug)]
pub(super) struct Case {
    /// The name that filters match and results are kept under.
    pub(super) id: &'static str,
    /// What people read.
    pub(super) title: &'static str,
    /// Who answers.
    pub(super) place: Place,
    /// The arguments of the program. `{recorded}` is the folder of recorded answers, `{codec}` the program's format.
    pub(super) work: &'static [&'static str],
    /// How many objects or answers the program must have seen.
    pub(super) items: usize,
    /// In which formats the programs do it.
    pub(super) formats: Formats,
    /// Which libraries have nothing with which to do it.
    pub(super) without: &'static [Library],
    /// Whether the programs ask for compressed answers.
    pub(super) gzip: bool,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A real kube-apiserver.
    Server,
    /// A server that repeats from memory what the real one has answered.
    Replay,
    /// The same server, with so many Pods, as informers ask for them, and with changes of them that come then.
    Informers {
        /// How many Pods there are.
        pods: usize,
        /// How many changes come.
        changes: usize,
    },
    /// Nobody: the bytes are in the program's memory.
    Memory,
}

/// In which formats the programs do a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Formats {
    /// As each program's own documentation advises.
    Advised,
    /// In every format that the program has.
    Each,
    /// In JSON, which is all that servers have for the objects.
    Json,
    /// Nothing travels, so that each library does it once.
    Once,
}

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    /// This project.
    Kubeset,
    /// kube and kube-runtime.
    KubeRs,
    /// k8s.io/client-go.
    ClientGo,
}

/// A program with the options that it is run with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Runner {
    /// What people read, and results are kept under.
    pub(super) name: &'static str,
    /// The library that the program is made with.
    pub(super) library: Library,
    /// `json` or `protobuf`.
    pub(super) codec: &'static str,
    /// Whether it is run where programs do as they are advised.
    pub(super) advised: bool,
    /// More options of the program.
    pub(super) options: &'static [&'static str],
}

/// Reads Pods as a type that has nothing but the name of the node.
const SLIM: &str = "--reads=node-name";

/// Reads, or keeps in a cache, everything but `managedFields`.
const WITHOUT_MANAGED_FIELDS: &str = "--reads=all-but-managed-fields";

/// Keeps objects in a cache as they came.
const COMPACT: &str = "--keeps=encoded";

const KUBESET_JSON: &str = "kubeset json";

/// Every program, in the order of the table. Another way to use kubeset is another row.
pub(super) const RUNNERS: &[Runner] = &[
    Runner {
        name: "kubeset protobuf",
        library: Library::Kubeset,
        codec: "protobuf",
        advised: true,
        options: &[],
    },
    Runner {
        name: "kubeset without managedFields",
        library: Library::Kubeset,
        codec: "protobuf",
        advised: true,
        options: &[WITHOUT_MANAGED_FIELDS],
    },
    Runner {
        name: "kubeset slim type",
        library: Library::Kubeset,
        codec: "protobuf",
        advised: true,
        options: &[SLIM],
    },
    Runner {
        name: "kubeset compact",
        library: Library::Kubeset,
        codec: "protobuf",
        advised: true,
        options: &[COMPACT],
    },
    Runner { name: KUBESET_JSON, library: Library::Kubeset, codec: "json", advised: true, options: &[] },
    Runner { name: "kube-rs json", library: Library::KubeRs, codec: "json", advised: true, options: &[] },
    Runner {
        name: "kube-rs without managedFields",
        library: Library::KubeRs,
        codec: "json",
        advised: true,
        options: &[WITHOUT_MANAGED_FIELDS],
    },
    Runner {
        name: "client-go json",
        library: Library::ClientGo,
        codec: "json",
        advised: false,
        options: &[],
    },
    Runner {
        name: "client-go protobuf",
        library: Library::ClientGo,
        codec: "protobuf",
        advised: true,
        options: &[],
    },
    Runner {
        name: "client-go without managedFields",
        library: Library::ClientGo,
        codec: "protobuf",
        advised: true,
        options: &[WITHOUT_MANAGED_FIELDS],
    },
];

impl Case {
    /// The programs that do this case.
    pub(super) fn runners(&self) -> impl Iterator<Item = &'static Runner> {
        let can = |runner: &&Runner| !self.without.contains(&runner.library) && self.has(runner);
        RUNNERS.iter().filter(can).filter(|runner| match self.formats {
            Formats::Advised => runner.advised,
            Formats::Each => true,
            Formats::Json => runner.codec == "json" && runner.options.is_empty(),
            Formats::Once => runner.advised && runner.name != KUBESET_JSON && runner.options.is_empty(),
        })
    }

    /// Whether the program can do this case with its options: only what is read in bulk is read without
    /// `managedFields`, by the peers only what they keep, and only Pods have a slim type.
    fn has(&self, runner: &Runner) -> bool {
        match (runner.options, runner.library) {
            ([], _) => true,
            ([COMPACT], _) => matches!(self.work, ["cache"]),
            ([SLIM], _) => matches!(self.work, ["decode", ..] | ["list", "pods", ..]),
            (_, Library::Kubeset) => matches!(self.work, ["decode" | "list" | "watch" | "cache", ..]),
            (_, Library::KubeRs | Library::ClientGo) => matches!(self.work, ["cache"]),
        }
    }
}

impl Place {
    /// The words behind a title.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Server => "kube-apiserver",
            Self::Replay | Self::Informers { .. } => "replay",
            Self::Memory => "from memory",
        }
    }
}

/// Every case, in the order of the table.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    REQUESTS.iter().chain(CONTROLLERS)
}

/// A case as most are; what differs is said in the tables.
const USUAL: Case = Case {
    id: "",
    title: "",
    place: Place::Server,
    work: &[],
    items: 0,
    formats: Formats::Advised,
    without: &[],
    gzip: false,
};

/// What is done from memory alone.
const ALONE: Case = Case { place: Place::Memory, formats: Formats::Once, ..USUAL };

/// The file of 10,000 Pods.
const RECORDED_PODS: &str = "{recorded}/api/v1/pods/list.{codec}";

/// Caches are filled by everybody, in each way that they can be.
const CACHE: Case = Case { work: &["cache"], ..USUAL };

/// Informers of a server, which are set up in the best way that there is.
const INFORM: Case =
    Case { place: Place::Informers { pods: 1_000, changes: 20_000 }, formats: Formats::Once, ..USUAL };

/// What a peer without indices does not do.
const INDEXED: Case = Case { without: &[Library::KubeRs], ..ALONE };

/// Requests and watches.
const REQUESTS: &[Case] = &[
    Case {
        id: "decode-10000-pods",
        title: "decode 10,000 Pods",
        place: Place::Memory,
        work: &["decode", RECORDED_PODS],
        items: 10_000,
        formats: Formats::Each,
        ..USUAL
    },
    Case {
        id: "list-1000-pods",
        title: "list 1,000 Pods",
        work: &["list", "pods", "bench-0"],
        items: 1_000,
        ..USUAL
    },
    Case {
        id: "list-10000-pods",
        title: "list 10,000 Pods",
        work: &["list", "pods"],
        items: 10_000,
        ..USUAL
    },
    Case {
        id: "list-10000-pods-gzip",
        title: "list 10,000 Pods, compressed",
        work: &["list", "pods"],
        items: 10_000,
        gzip: true,
        ..USUAL
    },
    Case {
        id: "list-10000-configmaps",
        title: "list 10,000 ConfigMaps",
        work: &["list", "configmaps", "bench-configmaps"],
        items: 10_000,
        ..USUAL
    },
    Case {
        id: "list-2000-widgets",
        title: "list 2,000 custom objects",
        work: &["list", "widgets"],
        items: 2_000,
        formats: Formats::Json,
        ..USUAL
    },
    Case {
        id: "replay-list-1000-pods",
        title: "list 1,000 Pods",
        place: Place::Replay,
        work: &["list", "pods", "bench-0"],
        items: 1_000,
        ..USUAL
    },
    Case {
        id: "replay-list-10000-pods",
        title: "list 10,000 Pods",
        place: Place::Replay,
        work: &["list", "pods"],
        items: 10_000,
        ..USUAL
    },
    Case {
        id: "replay-list-10000-pods-gzip",
        title: "list 10,000 Pods, compressed",
        place: Place::Replay,
        work: &["list", "pods"],
        items: 10_000,
        gzip: true,
        ..USUAL
    },
    Case {
        id: "replay-list-10000-configmaps",
        title: "list 10,000 ConfigMaps",
        place: Place::Replay,
        work: &["list", "configmaps", "bench-configmaps"],
        items: 10_000,
        ..USUAL
    },
    Case {
        id: "replay-list-2000-widgets",
        title: "list 2,000 custom objects",
        place: Place::Replay,
        work: &["list", "widgets"],
        items: 2_000,
        formats: Formats::Json,
        ..USUAL
    },
    Case {
        id: "replay-watch-20000-events",
        title: "watch 20,000 events of Pods",
        place: Place::Replay,
        work: &["watch", "20000"],
        items: 20_000,
        ..USUAL
    },
    Case {
        id: "get-1000-sequential",
        title: "get 1,000 Pods, one after the other",
        work: &["get", "1000", "1"],
        items: 1_000,
        ..USUAL
    },
    Case {
        id: "get-10000-concurrent",
        title: "get 10,000 Pods, 100 at a time",
        work: &["get", "10000", "100"],
        items: 10_000,
        ..USUAL
    },
    Case {
        id: "cycle-200",
        title: "create, patch and delete 200 Pods",
        work: &["cycle", "200", "{recorded}/pod.json"],
        items: 200,
        ..USUAL
    },
    Case {
        id: "idle-watches-200",
        title: "hold 200 idle watches",
        work: &["idle-watches", "200"],
        items: 200,
        ..USUAL
    },
];

/// Caches, informers, their indices and work queues: what controllers are made of.
const CONTROLLERS: &[Case] = &[
    Case {
        id: "cache-10000-pods",
        title: "fill a cache (reflector, informer) with 10,000 Pods",
        items: 10_000,
        ..CACHE
    },
    Case {
        id: "replay-cache-10000-pods",
        title: "fill a cache (reflector, informer) with 10,000 Pods",
        place: Place::Informers { pods: 10_000, changes: 0 },
        items: 10_000,
        ..CACHE
    },
    Case {
        id: "replay-cache-50000-pods",
        title: "fill a cache (reflector, informer) with 50,000 Pods",
        place: Place::Informers { pods: 50_000, changes: 0 },
        items: 50_000,
        ..CACHE
    },
    Case {
        id: "replay-informer-1-handler",
        title: "1,000 Pods and 20,000 changes of them through an informer to 1 handler",
        work: &["inform", "1000", "20000", "1"],
        items: 21_000,
        ..INFORM
    },
    Case {
        id: "replay-informer-10-handlers",
        title: "1,000 Pods and 20,000 changes of them through an informer to 10 handlers",
        work: &["inform", "1000", "20000", "10"],
        items: 210_000,
        ..INFORM
    },
    Case {
        id: "informer-1-handler",
        title: "200,000 changes of 1,000 Pods through an informer to 1 handler",
        work: &["handle", RECORDED_PODS, "1000", "200000", "1"],
        items: 200_000,
        ..ALONE
    },
    Case {
        id: "informer-10-handlers",
        title: "200,000 changes of 1,000 Pods through an informer to 10 handlers",
        work: &["handle", RECORDED_PODS, "1000", "200000", "10"],
        items: 2_000_000,
        ..ALONE
    },
    Case {
        id: "lookup-key-2-readers",
        title: "10,000,000 lookups by key among 10,000 Pods, 2 at a time",
        work: &["lookup", "key", RECORDED_PODS, "10000000", "2", "0"],
        items: 10_000_000,
        ..ALONE
    },
    Case {
        id: "lookup-key-8-readers",
        title: "10,000,000 lookups by key among 10,000 Pods, 8 at a time",
        work: &["lookup", "key", RECORDED_PODS, "10000000", "8", "0"],
        items: 10_000_000,
        ..ALONE
    },
    Case {
        id: "lookup-key-8-readers-while-written",
        title: "10,000,000 lookups by key among 10,000 Pods, 8 at a time, with 1,000 changes each second",
        work: &["lookup", "key", RECORDED_PODS, "10000000", "8", "1000"],
        items: 10_000_000,
        ..ALONE
    },
    Case {
        id: "lookup-index-2-readers",
        title: "1,000,000 lookups of the 40 Pods of a node by an index, 2 at a time",
        work: &["lookup", "node", RECORDED_PODS, "1000000", "2", "0"],
        items: 1_000_000,
        ..INDEXED
    },
    Case {
        id: "lookup-index-8-readers",
        title: "1,000,000 lookups of the 40 Pods of a node by an index, 8 at a time",
        work: &["lookup", "node", RECORDED_PODS, "1000000", "8", "0"],
        items: 1_000_000,
        ..INDEXED
    },
    Case {
        id: "lookup-index-8-readers-while-written",
        title: "1,000,000 lookups of the 40 Pods of a node by an index, 8 at a time, with 1,000 changes each second",
        work: &["lookup", "node", RECORDED_PODS, "1000000", "8", "1000"],
        items: 1_000_000,
        ..INDEXED
    },
    Case {
        id: "lookup-node-2-readers",
        title: "5,000 lookups of the 40 Pods of a node, 2 at a time, by an index if there are any",
        work: &["lookup", "node", RECORDED_PODS, "5000", "2", "0"],
        items: 5_000,
        ..ALONE
    },
    Case {
        id: "queue-1-worker",
        title: "1,000,000 items of 10,000 keys through a work queue, 1 worker",
        work: &["queue", "1000000", "10000", "1"],
        items: 1_000_000,
        ..ALONE
    },
    Case {
        id: "queue-8-workers",
        title: "1,000,000 items of 10,000 keys through a work queue, 8 workers",
        work: &["queue", "1000000", "10000", "8"],
        items: 1_000_000,
        ..ALONE
    },
];

#[cfg(test)]
mod tests {
    use super::{Library, RUNNERS, all};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        assert_eq!(all().map(|case| case.id).collect::<BTreeSet<_>>().len(), all().count());
        assert_eq!(RUNNERS.iter().map(|runner| runner.name).collect::<BTreeSet<_>>().len(), RUNNERS.len());
    }

    #[test]
    fn every_case_has_programs_to_compare() {
        for case in all() {
            let runs = |library| case.runners().any(|runner| runner.library == library);
            for library in [Library::Kubeset, Library::KubeRs, Library::ClientGo] {
                assert_ne!(runs(library), case.without.contains(&library), "{}: {library:?}", case.id);
            }
            assert!(runs(Library::ClientGo), "{}", case.id);
        }
    }
}
