//! How objects get from one version to another.

use crate::kinds::{Look, Path, Report};
use crate::names::label_1035;
use serde_json::Value;

const REVIEW_VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// What is wrong with a conversion.
pub(super) fn check(conversion: &Value, path: Path<'_>, report: &mut Report) {
    if conversion.is_null() {
        return;
    }
    let strategy = conversion.text("strategy");
    report.one_of(path.child("strategy"), strategy, &["None", "Webhook"]);
    let webhook = &conversion["webhook"];
    let client = &webhook["clientConfig"];
    if strategy == "Webhook" {
        let path_of_client = path.child("webhookClientConfig");
        if client.is_null() {
            report.required(path_of_client, "required when strategy is set to Webhook");
        } else if client.has("url") == client.has("service") {
            report.required(path_of_client, "exactly one of url or service is required");
        }
        reviews(webhook, path.child("conversionReviewVersions"), report);
        return;
    }
    let detail = "should not be set when strategy is not set to Webhook";
    if !client.is_null() {
        report.forbidden(path.child("webhookClientConfig"), detail);
    }
    if !webhook.list("conversionReviewVersions").is_empty() {
        report.forbidden(path.child("conversionReviewVersions"), detail);
    }
}

fn reviews(webhook: &Value, path: Path<'_>, report: &mut Report) {
    let versions: Vec<&str> = webhook.texts("conversionReviewVersions").collect();
    if versions.is_empty() {
        return report.required(path, "");
    }
    for (index, version) in versions.iter().enumerate() {
        if versions[..index].contains(version) {
            report.invalid(path.index(index), *version, "duplicate version");
        } else {
            report.broken(path.index(index), version, label_1035(version));
        }
    }
    if !versions.iter().any(|version| REVIEW_VERSIONS.contains(version)) {
        let detail = format!("must include at least one of {}", REVIEW_VERSIONS.join(", "));
        report.invalid(path, webhook["conversionReviewVersions"].clone(), &detail);
    }
}
