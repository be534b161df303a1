//! Field selectors: `status.phase=Running,spec.nodeName!=a`.

use super::selectable::Target;
use super::{Fields, Selectable};
use crate::failure::Failure;
use kubeset_selectors::FieldRequirement;

/// Requirements on a few fields of a kind, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    target: Target,
    requirement: FieldRequirement,
}

impl FieldSelector {
    /// Reads a selector from a query parameter. An empty text selects everything.
    ///
    /// `version` is the requested one, which an error may name.
    ///
    /// # Errors
    ///
    /// 400 with the server's words, if the text is no selector or the kind does not offer a field.
    pub(crate) fn parse(text: &str, kind: &Selectable, version: &str) -> Result<Self, Failure> {
        let selector = kubeset_selectors::FieldSelector::parse(text)?;
        let term = |requirement: &FieldRequirement| {
            let target = kind.target(requirement.field(), version).map_err(Failure::bad_request)?;
            Ok(Term { target, requirement: requirement.clone() })
        };
        Ok(Self { terms: selector.requirements().map(term).collect::<Result<_, Failure>>()? })
    }

    /// Whether everything is selected.
    pub(crate) fn is_everything(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an object is selected. The namespace is empty for one that has none.
    pub(crate) fn matches(&self, namespace: &str, name: &str, fields: &Fields) -> bool {
        self.terms.iter().all(|term| {
            let value = match term.target {
                Target::Name => name,
                Target::Namespace => namespace,
                Target::Field(index) => fields.value(index),
                Target::Empty => "",
            };
            term.requirement.matches(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FieldSelector;
    use crate::selector::Selectable;
    use serde_json::json;

    fn selects(text: &str) -> bool {
        let pods = Selectable::built_in("", "Pod");
        let fields = pods.of(&json!({"spec": {"nodeName": "n"}, "status": {"phase": "Running"}}));
        FieldSelector::parse(text, &pods, "v1").unwrap().matches("prod", "web", &fields)
    }

    #[test]
    fn every_term_must_hold() {
        for text in [
            "",
            ",,",
            "=",
            "!=",
            "metadata.name=web",
            "metadata.name==web",
            "metadata.name!=db",
            "metadata.namespace=prod,status.phase=Running",
            "spec.nodeName!=m,spec.hostNetwork=false,status.podIP=",
            "status.podIPs=",
        ] {
            assert!(selects(text), "{text}");
        }
        for text in [
            "metadata.name=db",
            "metadata.name!=web",
            "status.phase=Running,metadata.namespace=x",
            "spec.host=",
        ] {
            assert!(!selects(text), "{text}");
        }
    }
}
