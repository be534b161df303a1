//! Label selectors as objects have them: `matchLabels` and `matchExpressions`.

use super::{LabelSelector, Operator, new};
use crate::{InvalidSelector, wording};
use k8s_openapi::apimachinery::pkg::apis::meta::v1;

/// What an object says of labels. One that says nothing, `{}`, selects everything.
impl TryFrom<&v1::LabelSelector> for LabelSelector {
    type Error = InvalidSelector;

    fn try_from(object: &v1::LabelSelector) -> Result<Self, InvalidSelector> {
        let mut requirements = Vec::new();
        for (key, value) in object.match_labels.iter().flatten() {
            requirements.push(new(key, Operator::Equals, [value])?);
        }
        for expression in object.match_expressions.iter().flatten() {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    let other = wording::quoted(other);
                    let reason = format!("{other} is not a valid label selector operator");
                    return Err(InvalidSelector::labels(reason));
                }
            };
            requirements.push(new(&expression.key, operator, expression.values.iter().flatten())?);
        }
        Ok(Self::of(requirements))
    }
}

/// What an object says of labels, or [`nothing`](LabelSelector::nothing) if it has no selector.
///
/// That is what most kinds mean by an absent selector. Where a kind means something else, such as its own namespace, its
/// documentation says so.
impl TryFrom<Option<&v1::LabelSelector>> for LabelSelector {
    type Error = InvalidSelector;

    fn try_from(object: Option<&v1::LabelSelector>) -> Result<Self, InvalidSelector> {
        object.map_or_else(|| Ok(Self::nothing()), Self::try_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn expression(key: &str, operator: &str, values: &[&str]) -> v1::LabelSelectorRequirement {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        v1::LabelSelectorRequirement { key: key.into(), operator: operator.into(), values: Some(values) }
    }

    fn read(
        labels: &[(&str, &str)],
        expressions: Vec<v1::LabelSelectorRequirement>,
    ) -> Result<String, String> {
        let labels: BTreeMap<String, String> =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let object = v1::LabelSelector { match_labels: Some(labels), match_expressions: Some(expressions) };
        let selector = LabelSelector::try_from(&object).map_err(|error| error.reason().to_owned())?;
        Ok(selector.to_string())
    }

    #[test]
    fn labels_and_expressions_must_all_hold() {
        let expressions = vec![
            expression("tier", "In", &["b", "a"]),
            expression("zone", "NotIn", &["x"]),
            expression("canary", "DoesNotExist", &[]),
            expression("team", "Exists", &[]),
        ];
        let text = "app=web,!canary,team,tier in (a,b),zone!=x";
        assert_eq!(read(&[("app", "web")], expressions), Ok(text.to_owned()));
    }

    #[test]
    fn an_empty_object_selects_everything_and_an_absent_one_nothing() {
        let empty = v1::LabelSelector::default();
        assert_eq!(LabelSelector::try_from(&empty), Ok(LabelSelector::everything()));
        assert_eq!(LabelSelector::try_from(Some(&empty)), Ok(LabelSelector::everything()));
        assert_eq!(LabelSelector::try_from(None), Ok(LabelSelector::nothing()));
    }

    #[test]
    fn what_no_server_would_take_is_refused_in_its_words() {
        for (wrong, reason) in [
            (expression("a", "Is", &[]), "\"Is\" is not a valid label selector operator"),
            (
                expression("a", "In", &[]),
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
            ),
            (
                expression("a", "Exists", &["c", "b"]),
                "values: Invalid value: [\"b\",\"c\"]: values set must be empty for exists and does not exist",
            ),
            (expression("/a", "Exists", &[]), "key: Invalid value: \"/a\": prefix part must be non-empty"),
        ] {
            assert_eq!(read(&[], vec![wrong]), Err(reason.to_owned()));
        }
        assert!(
            read(&[("a", "$")], vec![])
                .unwrap_err()
                .starts_with("values[0][a]: Invalid value: \"$\": a valid")
        );
    }
}
