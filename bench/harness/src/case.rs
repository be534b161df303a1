//! The command line of a measured program: `[--codec=…] [--gzip=…] [--reads=…] [--keeps=…] <case> [arguments]`.

use crate::BoxError;
use std::path::PathBuf;
use std::str::FromStr;

/// What a program is to do, and how.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arguments {
    /// What to do.
    pub case: Case,
    /// In which format objects travel.
    pub codec: Codec,
    /// Whether to ask for compressed answers.
    pub gzip: bool,
    /// What of objects is read.
    pub reads: Reads,
    /// How caches keep objects.
    pub keeps: Keeps,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Case {
    /// `list <resource> [namespace]`: one list in one piece, from the server's cache.
    List(Resource, Option<String>),
    /// `decode <file>`: the body of a list of Pods, from memory.
    Decode(PathBuf),
    /// `watch <events>`: Pods, until so many events have come.
    Watch(usize),
    /// `get <count> <concurrency>`: Pods of [`NAMESPACE`](crate::NAMESPACE), so many under way at a time.
    Get(usize, usize),
    /// `cycle <count> <file>`: creates the Pod of the file, patches and deletes it, so many times one after the other.
    Cycle(usize, PathBuf),
    /// `idle-watches <count>`: opens so many watches, one after the other, and holds them.
    IdleWatches(usize),
    /// `cache`: keeps all Pods up to date in memory, until it has them all.
    Cache,
    /// `handle <file> <objects> <events> <handlers>`: the Pods of the file's list, as changes of so many objects, from
    /// memory through an informer to so many handlers, each of which sees so many events.
    Handle {
        /// The body of a list of Pods.
        file: PathBuf,
        /// How many objects change.
        objects: usize,
        /// How many changes each handler sees.
        events: usize,
        /// How many handlers there are.
        handlers: usize,
    },
    /// `inform <objects> <events> <handlers>`: the same, from the server, with what each handler sees in the beginning.
    Inform {
        /// How many objects there are.
        objects: usize,
        /// How many changes come then.
        events: usize,
        /// How many handlers there are.
        handlers: usize,
    },
    /// `lookup <key or node> <file> <count> <readers> <writes>`: so many readers look up so many times in a cache of
    /// the Pods of the file's list, while it is told of so many changes each second.
    Lookup {
        /// What is looked up.
        by: Lookup,
        /// The body of a list of Pods.
        file: PathBuf,
        /// How often, by all readers together.
        count: usize,
        /// How many readers do it at a time.
        readers: usize,
        /// How many changes come each second.
        writes: usize,
    },
    /// `queue <items> <keys> <workers>`: so many times a key is added to a queue, taken by a worker, and done.
    Queue {
        /// How often.
        items: usize,
        /// How many keys there are, each of which waits once at most.
        keys: usize,
        /// How many workers there are.
        workers: usize,
    },
}

/// What is looked up in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// `key`: one Pod, by namespace and name.
    Key,
    /// `node`: all Pods of a node.
    Node,
}

impl FromStr for Lookup {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        match text {
            "key" => Ok(Self::Key),
            "node" => Ok(Self::Node),
            other => Err(format!("nothing is looked up by {other:?}").into()),
        }
    }
}

/// What to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// Pods.
    Pods,
    /// `ConfigMap`s.
    ConfigMaps,
    /// A custom resource.
    Widgets,
}

/// What of objects is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reads {
    /// `everything`.
    Everything,
    /// `all-but-managed-fields`: all but `metadata.managedFields`.
    AllButManagedFields,
    /// `node-name`: nothing but the name of a Pod's node.
    NodeName,
}

/// How caches keep objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keeps {
    /// `decoded`.
    Decoded,
    /// `encoded`: as they came.
    Encoded,
}

impl FromStr for Keeps {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        match text {
            "decoded" => Ok(Self::Decoded),
            "encoded" => Ok(Self::Encoded),
            other => Err(format!("nothing keeps objects {other:?}").into()),
        }
    }
}

impl FromStr for Reads {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        match text {
            "everything" => Ok(Self::Everything),
            "all-but-managed-fields" => Ok(Self::AllButManagedFields),
            "node-name" => Ok(Self::NodeName),
            other => Err(format!("nothing reads {other:?}").into()),
        }
    }
}

/// A format of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codec {
    /// `application/json`.
    Json,
    /// `application/vnd.kubernetes.protobuf`.
    Protobuf,
}

impl Arguments {
    /// Those of this process.
    ///
    /// # Errors
    ///
    /// If they are not understood.
    pub fn of_the_process() -> Result<Self, BoxError> {
        let words: Vec<String> = std::env::args().skip(1).collect();
        Self::parse(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn parse(mut words: &[&str]) -> Result<Self, BoxError> {
        let (mut codec, mut gzip) = (Codec::Json, false);
        let (mut reads, mut keeps) = (Reads::Everything, Keeps::Decoded);
        while let Some((name, value)) =
            words.first().and_then(|word| word.strip_prefix("--")?.split_once('='))
        {
            match name {
                "codec" => codec = value.parse()?,
                "gzip" => gzip = value.parse()?,
                "reads" => reads = value.parse()?,
                "keeps" => keeps = value.parse()?,
                _ => return Err(format!("no such option: --{name}").into()),
            }
            words = &words[1..];
        }
        Ok(Self { case: Case::parse(words)?, codec, gzip, reads, keeps })
    }
}

impl Case {
    fn parse(words: &[&str]) -> Result<Self, BoxError> {
        let case = match words {
            ["list", resource] => Case::List(resource.parse()?, None),
            ["list", resource, namespace] => Case::List(resource.parse()?, Some((*namespace).to_owned())),
            ["decode", file] => Case::Decode(file.into()),
            ["watch", events] => Case::Watch(events.parse()?),
            ["get", count, concurrency] => Case::Get(count.parse()?, concurrency.parse()?),
            ["cycle", count, file] => Case::Cycle(count.parse()?, file.into()),
            ["idle-watches", count] => Case::IdleWatches(count.parse()?),
            ["cache"] => Case::Cache,
            ["handle", file, objects, events, handlers] => Case::Handle {
                file: file.into(),
                objects: objects.parse()?,
                events: events.parse()?,
                handlers: handlers.parse()?,
            },
            ["inform", objects, events, handlers] => Case::Inform {
                objects: objects.parse()?,
                events: events.parse()?,
                handlers: handlers.parse()?,
            },
            ["lookup", by, file, count, readers, writes] => Case::Lookup {
                by: by.parse()?,
                file: file.into(),
                count: count.parse()?,
                readers: readers.parse()?,
                writes: writes.parse()?,
            },
            ["queue", items, keys, workers] => {
                Case::Queue { items: items.parse()?, keys: keys.parse()?, workers: workers.parse()? }
            }
            other => return Err(format!("no such case: {}", other.join(" ")).into()),
        };
        Ok(case)
    }
}

impl FromStr for Codec {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        match text {
            "json" => Ok(Self::Json),
            "protobuf" => Ok(Self::Protobuf),
            other => Err(format!("no such codec: {other}").into()),
        }
    }
}

impl FromStr for Resource {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        match text {
            "pods" => Ok(Self::Pods),
            "configmaps" => Ok(Self::ConfigMaps),
            "widgets" => Ok(Self::Widgets),
            other => Err(format!("no such resource: {other}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_before_the_case() {
        let arguments =
            Arguments::parse(&["--gzip=true", "--codec=protobuf", "list", "pods", "bench-0"]).unwrap();
        let case = Case::List(Resource::Pods, Some("bench-0".to_owned()));
        assert_eq!(
            arguments,
            Arguments {
                case,
                codec: Codec::Protobuf,
                gzip: true,
                reads: Reads::Everything,
                keeps: Keeps::Decoded
            }
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(Arguments::parse(&["list", "nodes"]).is_err());
        assert!(Arguments::parse(&["--codec=xml", "cache"]).is_err());
        assert!(Arguments::parse(&["get", "1000"]).is_err());
    }
}
