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
    /// As advised, and not by kubeset, which does not have it yet.
    AdvisedByPeers,
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
        options: &["--reads=all-but-managed-fields"],
    },
    Runner {
        name: "kubeset slim type",
        library: Library::Kubeset,
        codec: "protobuf",
        advised: true,
        options: &[SLIM],
    },
    Runner { name: "kubeset json", library: Library::Kubeset, codec: "json", advised: true, options: &[] },
    Runner { name: "kube-rs json", library: Library::KubeRs, codec: "json", advised: true, options: &[] },
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
];

impl Case {
    /// The programs that do this case.
    pub(super) fn runners(&self) -> impl Iterator<Item = &'static Runner> {
        RUNNERS.iter().filter(|runner| self.has(runner.options)).filter(|runner| match self.formats {
            Formats::Advised => runner.advised,
            Formats::Each => true,
            Formats::Json => runner.codec == "json" && runner.options.is_empty(),
            Formats::AdvisedByPeers => runner.advised && runner.library != Library::Kubeset,
        })
    }

    /// Whether programs can do this case with such options: only what is read in bulk is read without `managedFields`,
    /// and only Pods have a slim type.
    fn has(&self, options: &[&str]) -> bool {
        match options {
            [] => true,
            [SLIM] => matches!(self.work, ["decode", ..] | ["list", "pods", ..]),
            _ => matches!(self.work, ["decode" | "list" | "watch", ..]),
        }
    }
}

impl Place {
    /// The words behind a title.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Server => "kube-apiserver",
            Self::Replay => "replay",
            Self::Memory => "from memory",
        }
    }
}

/// A case as most are; what differs is said in [`CASES`].
const USUAL: Case = Case {
    id: "",
    title: "",
    place: Place::Server,
    work: &[],
    items: 0,
    formats: Formats::Advised,
    gzip: false,
};

/// Every case, in the order of the table.
pub(super) const CASES: &[Case] = &[
    Case {
        id: "decode-10000-pods",
        title: "decode 10,000 Pods",
        place: Place::Memory,
        work: &["decode", "{recorded}/api/v1/pods/list.{codec}"],
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
    Case {
        id: "cache-10000-pods",
        title: "fill a cache (reflector, informer) with 10,000 Pods",
        work: &["cache"],
        items: 10_000,
        formats: Formats::AdvisedByPeers,
        ..USUAL
    },
];

#[cfg(test)]
mod tests {
    use super::{CASES, RUNNERS};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        assert_eq!(CASES.iter().map(|case| case.id).collect::<BTreeSet<_>>().len(), CASES.len());
        assert_eq!(RUNNERS.iter().map(|runner| runner.name).collect::<BTreeSet<_>>().len(), RUNNERS.len());
    }

    #[test]
    fn every_case_has_programs_to_compare() {
        for case in CASES {
            assert!(case.runners().count() >= 2, "{}", case.id);
        }
    }
}
