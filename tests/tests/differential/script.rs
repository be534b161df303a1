//! The format of scripts, which `tests/differential/README.md` describes.

use crate::comparison;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// Some requests that belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) name: String,
    /// Whether a fresh namespace is made for it, whose name is the variable `namespace`.
    #[serde(default)]
    pub(crate) namespace: bool,
    pub(crate) steps: Vec<Step>,
    #[serde(skip)]
    file: String,
}

/// One request, or the events of a watch in the background.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Method and path, as in `GET /api/v1/nodes?limit=1`.
    #[serde(default, rename = "do")]
    pub(crate) call: String,
    /// The watch in the background whose events are compared here.
    pub(crate) events: Option<String>,
    /// Does the step for each value of a variable.
    #[serde(default)]
    pub(crate) each: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) accept: Option<String>,
    /// The kind of patch that the body is.
    pub(crate) patch: Option<Patch>,
    pub(crate) body: Option<Value>,
    pub(crate) text: Option<String>,
    /// An object that is sent in protobuf.
    pub(crate) protobuf: Option<Value>,
    /// What is sent, in base64.
    pub(crate) bytes: Option<String>,
    /// Variables, and where in the answer's body their values are.
    #[serde(default)]
    pub(crate) capture: BTreeMap<String, String>,
    /// What is not compared, and why.
    #[serde(default)]
    pub(crate) ignore: BTreeMap<String, String>,
    pub(crate) watch: Option<Watch>,
    /// The name under which a watch goes on while later steps run.
    pub(crate) background: Option<String>,
    /// Seconds to wait before.
    pub(crate) wait: Option<f64>,
    /// Repeats the request until the answer has these values, as pointers into the body.
    #[serde(default)]
    pub(crate) until: BTreeMap<String, Value>,
    /// What the values of `each` are in this copy of the step.
    #[serde(skip)]
    pub(crate) variables: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Patch {
    Json,
    Merge,
    Strategic,
    Apply,
}

/// How long a watch is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Watch {
    /// Until there are so many events.
    pub(crate) events: Option<usize>,
    /// Until this time is over.
    #[serde(default = "patience")]
    pub(crate) seconds: f64,
}

impl Default for Watch {
    fn default() -> Self {
        Self { events: None, seconds: patience() }
    }
}

fn patience() -> f64 {
    5.0
}

impl Script {
    /// The file and the name.
    pub(crate) fn title(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    /// The steps, with those for several values spelled out.
    pub(crate) fn spelled_out(&self) -> Vec<Step> {
        self.steps.iter().flat_map(Step::spelled_out).collect()
    }
}

impl Step {
    fn spelled_out(&self) -> Vec<Self> {
        let mut steps = vec![self.clone()];
        for (name, values) in &self.each {
            steps = steps
                .iter()
                .flat_map(|step| values.iter().map(move |value| step.with(name, value)))
                .collect();
        }
        steps
    }

    fn with(&self, name: &str, value: &Value) -> Self {
        let mut step = self.clone();
        step.variables.insert(name.to_owned(), value.clone());
        step
    }

    /// What the step is called in reports.
    pub(crate) fn label(&self) -> String {
        let mut label = match &self.events {
            Some(name) => format!("events: {name}"),
            None => self.call.clone(),
        };
        for (name, value) in &self.variables {
            label = format!("{label} [{name}: {value}]");
        }
        label
    }
}

impl Patch {
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json-patch+json",
            Self::Merge => "application/merge-patch+json",
            Self::Strategic => "application/strategic-merge-patch+json",
            Self::Apply => "application/apply-patch+yaml",
        }
    }
}

/// All scripts, in the order of their files.
pub(crate) fn read(folder: &Path) -> Vec<Script> {
    let scripts = comparison::scripts::<Script>(folder).into_iter();
    scripts.map(|(file, script)| Script { file, ..script }).collect()
}
