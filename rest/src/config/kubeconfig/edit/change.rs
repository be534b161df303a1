//! One change, done to the trees of the files.

use super::KubeconfigEditError;
use super::file::EditedFile;
use super::yaml::Node;

/// A list of named entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Clusters,
    Contexts,
    Users,
}

impl Section {
    /// The key of the list.
    fn list(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Contexts => "contexts",
            Self::Users => "users",
        }
    }

    /// The key of an entry's content, which is also what an entry is called.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Contexts => "context",
            Self::Users => "user",
        }
    }
}

/// What an entry shall say: each key that is known, with nothing where it shall not be there.
pub(super) type Fields = Vec<(&'static str, Option<Node>)>;

/// One change.
pub(super) enum Change {
    CurrentContext(String),
    Set { section: Section, name: String, fields: Fields },
    Remove { section: Section, name: String },
    Rename { section: Section, from: String, to: String },
    Namespace { context: String, namespace: Option<String> },
}

impl Change {
    /// Does it. `new_entries` is the file for what is in no file yet.
    pub(super) fn apply(
        &self,
        files: &mut [EditedFile],
        new_entries: usize,
    ) -> Result<(), KubeconfigEditError> {
        match self {
            Self::CurrentContext(name) => {
                find(files, Section::Contexts, name)?;
                let file = files.iter().position(|file| current_context(file).is_some());
                set_current_context(&mut files[file.unwrap_or(new_entries)], name);
            }
            Self::Set { section, name, fields } => set(files, new_entries, *section, name, fields)?,
            Self::Remove { section, name } => {
                let at = find(files, *section, name)?;
                remove(files, *section, at);
            }
            Self::Rename { section, from, to } => rename(files, *section, from, to)?,
            Self::Namespace { context, namespace } => {
                let at = find(files, Section::Contexts, context)?;
                let namespace = namespace.as_deref().filter(|name| !name.is_empty()).map(Node::text);
                put(content(files, Section::Contexts, at), &[("namespace", namespace)]);
            }
        }
        Ok(())
    }
}

/// Where an entry is: the file, the document in it, the place in the list.
#[derive(Clone, Copy)]
struct At {
    file: usize,
    document: usize,
    item: usize,
}

/// Every entry of a section, in the order in which they count.
fn entries(files: &[EditedFile], section: Section) -> impl Iterator<Item = (At, &Node)> {
    files.iter().enumerate().flat_map(move |(file, edited)| {
        edited.documents.iter().enumerate().flat_map(move |(document, node)| {
            let items = node.get(section.list()).map(Node::items).unwrap_or_default();
            items.iter().enumerate().map(move |(item, entry)| (At { file, document, item }, entry))
        })
    })
}

fn name_of(entry: &Node) -> Option<&str> {
    entry.get("name").and_then(Node::as_str)
}

fn position(files: &[EditedFile], section: Section, name: &str) -> Option<At> {
    entries(files, section).find(|(_, entry)| name_of(entry) == Some(name)).map(|(at, _)| at)
}

fn find(files: &[EditedFile], section: Section, name: &str) -> Result<At, KubeconfigEditError> {
    position(files, section, name).ok_or_else(|| {
        let known =
            entries(files, section).filter_map(|(_, entry)| name_of(entry).map(str::to_owned)).collect();
        KubeconfigEditError::Missing { kind: section.kind(), name: name.to_owned(), known }
    })
}

/// The entry's list. It is where [`entries`] found the entry.
fn list(files: &mut [EditedFile], section: Section, at: At) -> Option<&mut Node> {
    files[at.file].documents[at.document].get_mut(section.list())
}

/// What an entry says, to change it.
fn content(files: &mut [EditedFile], section: Section, at: At) -> Option<&mut Node> {
    let entry = list(files, section, at)?.items_mut().get_mut(at.item)?;
    if entry.get(section.kind()).is_none() {
        entry.set(section.kind(), Node::Map(Vec::new()));
    }
    entry.get_mut(section.kind())
}

fn remove(files: &mut [EditedFile], section: Section, at: At) {
    if let Some(Node::List(items)) = list(files, section, at) {
        items.remove(at.item);
    }
}

/// Replaces the keys that are known, and leaves the others.
fn put(content: Option<&mut Node>, fields: &[(&'static str, Option<Node>)]) {
    let Some(content) = content else { return };
    for (key, value) in fields {
        match value {
            Some(value) => content.set(key, value.clone()),
            None => content.remove(key),
        }
    }
}

fn set(
    files: &mut [EditedFile],
    new_entries: usize,
    section: Section,
    name: &str,
    fields: &Fields,
) -> Result<(), KubeconfigEditError> {
    check_name(section, name)?;
    if let Some(at) = position(files, section, name) {
        put(content(files, section, at), fields);
        return Ok(());
    }
    let mut said = Node::Map(Vec::new());
    put(Some(&mut said), fields);
    let mut pairs = [(section.kind(), said), ("name", Node::text(name))];
    // kubectl sorts keys: `cluster`, `context`, `name`, `user`.
    pairs.sort_by_key(|(key, _)| *key);
    let document = document(&mut files[new_entries]);
    match document.get_mut(section.list()) {
        Some(Node::List(items)) => items.push(Node::map(pairs)),
        _ => document.set(section.list(), Node::List(vec![Node::map(pairs)])),
    }
    Ok(())
}

/// The first document of a file, made if there is none.
fn document(file: &mut EditedFile) -> &mut Node {
    let usable = file.documents.first().is_some_and(|document| matches!(document, Node::Map(_)));
    if !usable {
        let new = Node::map([("apiVersion", Node::text("v1")), ("kind", Node::text("Config"))]);
        // An empty document is a null.
        file.documents.retain(|document| !document.is_null());
        file.documents.insert(0, new);
    }
    &mut file.documents[0]
}

fn rename(
    files: &mut [EditedFile],
    section: Section,
    from: &str,
    to: &str,
) -> Result<(), KubeconfigEditError> {
    check_name(section, to)?;
    let at = find(files, section, from)?;
    if from == to {
        return Ok(());
    }
    if let Some(taken) = position(files, section, to) {
        let path = files[taken.file].path.clone();
        return Err(KubeconfigEditError::Exists { kind: section.kind(), name: to.to_owned(), path });
    }
    if let Some(entry) = list(files, section, at).and_then(|list| list.items_mut().get_mut(at.item)) {
        entry.set("name", Node::text(to));
    }
    if section == Section::Contexts {
        for file in files.iter_mut().filter(|file| current_context(file) == Some(from)) {
            set_current_context(file, to);
        }
        return Ok(());
    }
    let refers: Vec<At> = entries(files, Section::Contexts)
        .filter(|(_, entry)| {
            let context = entry.get(Section::Contexts.kind());
            context.and_then(|context| context.get(section.kind())).and_then(Node::as_str) == Some(from)
        })
        .map(|(at, _)| at)
        .collect();
    for at in refers {
        put(content(files, Section::Contexts, at), &[(section.kind(), Some(Node::text(to)))]);
    }
    Ok(())
}

const CURRENT_CONTEXT: &str = "current-context";

/// The current context of a file: that of the first document which has one.
fn current_context(file: &EditedFile) -> Option<&str> {
    file.documents.iter().find_map(named_context)
}

fn named_context(document: &Node) -> Option<&str> {
    document.get(CURRENT_CONTEXT)?.as_str().filter(|name| !name.is_empty())
}

fn set_current_context(file: &mut EditedFile, name: &str) {
    let has_one = |document: &Node| named_context(document).is_some();
    match file.documents.iter().position(has_one) {
        Some(at) => file.documents[at].set(CURRENT_CONTEXT, Node::text(name)),
        None => document(file).set(CURRENT_CONTEXT, Node::text(name)),
    }
}

fn check_name(section: Section, name: &str) -> Result<(), KubeconfigEditError> {
    if name.is_empty() { Err(KubeconfigEditError::EmptyName { kind: section.kind() }) } else { Ok(()) }
}
