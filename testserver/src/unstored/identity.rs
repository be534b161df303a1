//! Who somebody is.

use super::made;
use crate::answer::Answer;
use crate::call::Call;
use crate::failure::Failure;
use crate::managed_fields;
use crate::subresources::token::{self, ISSUER};
use crate::time::now;
use crate::user::User;
use crate::verbs;
use serde_json::{Map, Value, json};

/// Who asks.
pub(super) fn review_self(call: &Call) -> Result<Answer, Failure> {
    let options = call.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    verbs::read_body(call, &options, &mut warnings)?;
    let review = json!({
        "kind": call.resource.kind,
        "apiVersion": call.resource.api_version(),
        "metadata": {"creationTimestamp": now()},
        "status": {"userInfo": shown(&call.user)},
    });
    Ok(made(call, &review, warnings))
}

/// A user, as reviews show one.
fn shown(user: &User) -> Value {
    let mut shown = Map::new();
    for (key, text) in [("username", &user.name), ("uid", &user.uid)] {
        if !text.is_empty() {
            shown.insert(key.into(), Value::from(text.as_str()));
        }
    }
    if !user.groups.is_empty() {
        shown.insert("groups".into(), json!(user.groups));
    }
    if !user.extra.is_empty() {
        let extra: Map<String, Value> =
            user.extra.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
        shown.insert("extra".into(), extra.into());
    }
    shown.into()
}

/// Whose a token is.
pub(super) fn review_token(call: &Call) -> Result<Answer, Failure> {
    let options = call.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    let mut review = verbs::read_body(call, &options, &mut warnings)?;
    let said = review["spec"]["token"].as_str().unwrap_or_default().to_owned();
    if said.is_empty() {
        return Err(Failure::bad_request("token is required for TokenReview in authentication"));
    }
    managed_fields::of_create(call, &mut review, &options);
    let asked = review["spec"]["audiences"].as_array().into_iter().flatten();
    let mut asked: Vec<String> = asked.filter_map(Value::as_str).map(str::to_owned).collect();
    if asked.is_empty() {
        asked.push(ISSUER.to_owned());
    }
    review["status"] = match known(call, &said, &asked) {
        Ok((user, audiences)) => {
            json!({"authenticated": true, "user": shown(&user), "audiences": audiences})
        }
        Err(why) if why.is_empty() => json!({"user": {}, "error": "invalid bearer token"}),
        Err(why) => json!({"user": {}, "error": format!("[invalid bearer token, {why}]")}),
    };
    Ok(made(call, &review, warnings))
}

/// Whose a token is: one that the server was given, or has issued.
fn known(call: &Call, said: &str, audiences: &[String]) -> Result<(User, Vec<String>), String> {
    match call.server.auth.tokens.user(said) {
        Some(user) if audiences.iter().any(|audience| audience == ISSUER) => {
            Ok((user, vec![ISSUER.to_owned()]))
        }
        Some(_) => Err(String::new()),
        None => token::review(&call.server, said, audiences),
    }
}
