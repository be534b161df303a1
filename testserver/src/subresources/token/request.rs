//! Requests for tokens.

use super::ISSUER;
use super::issued::{Bound, Issue};
use crate::answer::Answer;
use crate::call::Call;
use crate::catalog::StorageKey;
use crate::failure::{Cause, Failure, Named};
use crate::managed_fields;
use crate::object::{self, as_map, map, meta_mut, new_uid, set_meta};
use crate::store::{Entry, ObjectKey};
use crate::subresources::as_own_kind;
use crate::time::{now, seconds};
use crate::user::{User, service_account_groups};
use crate::verbs;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

const NAMED: Named<'static> = Named { group: "authentication.k8s.io", resource: "TokenRequest" };

/// How long a token lasts unless the request says so, in seconds.
const LASTS: i64 = 3600;

/// How long a token must last at least, in seconds.
const SHORTEST: i64 = 600;

/// Issues a token of the service account that the path names.
pub(in crate::subresources) fn create(call: &Call) -> Result<Answer, Failure> {
    let own = as_own_kind(call);
    let options = own.write_options("CreateOptions")?;
    let mut warnings = Vec::new();
    let mut request = verbs::read_body(&own, &options, &mut warnings)?;
    verbs::place(&own, &mut request)?;
    let spec = map(&mut request, "spec");
    let lasts = spec.entry("expirationSeconds").or_insert(Value::Null);
    if lasts.is_null() {
        *lasts = LASTS.into();
    }
    spec.entry("boundObjectRef").or_insert(Value::Null);
    managed_fields::of_create(&own, &mut request, &options);
    verbs::check_namespace(call, &call.route.name)?;
    let given = object::meta(&request, "name");
    if !given.is_empty() && given != call.route.name {
        let detail = "must match the service account name if specified";
        let cause = Cause::invalid("metadata.name", &Value::from(given), detail);
        return Err(Failure::invalid(NAMED, &call.route.name, vec![cause]));
    }
    let account = call.stored()?;
    complete(&mut request, &account)?;
    check(&request)?;
    let request = issue(call, request, &account)?;
    Ok(Answer { warnings, ..own.answer_object(StatusCode::CREATED, &request) })
}

/// Fills in what a request leaves open.
fn complete(request: &mut Value, account: &Entry) -> Result<(), Failure> {
    let uid = object::meta(request, "uid");
    if !uid.is_empty() && uid != account.uid {
        let why = format!(
            "the UID in the token request ({uid}) does not match the UID of the service account ({})",
            account.uid
        );
        return Err(Failure::conflict(NAMED, &account.key.name, &why));
    }
    set_meta(request, "name", account.key.name.as_str());
    set_meta(request, "uid", account.uid.as_str());
    set_meta(request, "creationTimestamp", now());
    let audiences = map(request, "spec").entry("audiences").or_insert(Value::Null);
    if audiences.as_array().is_none_or(Vec::is_empty) {
        *audiences = json!([ISSUER]);
    }
    as_map(request).remove("status");
    Ok(())
}

fn check(request: &Value) -> Result<(), Failure> {
    let mut causes = Vec::new();
    let seconds = &request["spec"]["expirationSeconds"];
    let mut refuse = |detail| causes.push(Cause::invalid("spec.expirationSeconds", seconds, detail));
    match seconds.as_i64().unwrap_or_default() {
        ..SHORTEST => refuse("may not specify a duration less than 10 minutes"),
        lasts if lasts > 1 << 32 => refuse("may not specify a duration larger than 2^32 seconds"),
        _ => {}
    }
    let attestations = &request["spec"]["attestations"];
    if attestations.as_object().is_some_and(|map| !map.is_empty()) {
        let detail = "attestations may only be specified with a webhook bound object reference";
        causes = vec![Cause::invalid("spec.attestations", attestations, detail)];
    }
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid(NAMED, "", causes)) }
}

/// Makes the token.
fn issue(call: &Call, mut request: Value, account: &Entry) -> Result<Value, Failure> {
    let namespace = account.key.namespace.as_str();
    let mut kubernetes = json!({
        "namespace": namespace,
        "serviceaccount": {"name": account.key.name, "uid": account.uid},
    });
    let bound = bind(call, &request["spec"]["boundObjectRef"], account, &mut kubernetes)?;
    let issued = Timestamp::now();
    let lasts = request["spec"]["expirationSeconds"].as_i64().unwrap_or(LASTS);
    let expires = issued.saturating_add(SignedDuration::from_secs(lasts)).unwrap_or(issued);
    let identifier = new_uid();
    let subject = format!("system:serviceaccount:{namespace}:{}", account.key.name);
    let claims = json!({
        "aud": request["spec"]["audiences"],
        "exp": expires.as_second(),
        "iat": issued.as_second(),
        "iss": ISSUER,
        "jti": identifier,
        "kubernetes.io": kubernetes,
        "nbf": issued.as_second(),
        "sub": subject,
    });
    let token = signed(&claims);
    let user = User {
        uid: account.uid.clone(),
        extra: extra(&identifier, &kubernetes),
        ..User::known(subject, service_account_groups(namespace))
    };
    let audiences = request["spec"]["audiences"].as_array().into_iter().flatten();
    let audiences = audiences.filter_map(Value::as_str).map(str::to_owned).collect();
    let account =
        Bound { resource: core("serviceaccounts"), key: account.key.clone(), uid: account.uid.clone() };
    call.server.issued.add(token.clone(), Issue { user, audiences, expires, account, bound });
    request["status"] = json!({"token": token, "expirationTimestamp": seconds(expires)});
    // Nobody needs to know what does not identify the account.
    meta_mut(&mut request).remove("selfLink");
    Ok(request)
}

/// A JSON web token. What would be its signature is a random text that the server remembers.
fn signed(claims: &Value) -> String {
    let header = json!({"alg": "HS256", "kid": "kubeset-testserver"});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    format!("{}.{}.{}", part(&header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

fn core(plural: &'static str) -> StorageKey {
    StorageKey { group: "".into(), plural: plural.into() }
}

/// What more is known of whoever brings the token.
fn extra(identifier: &str, kubernetes: &Value) -> Vec<(String, Vec<String>)> {
    let mut extra = vec![("credential-id".to_owned(), format!("JTI={identifier}"))];
    for kind in ["node", "pod"] {
        for key in ["name", "uid"] {
            if let Some(value) = kubernetes[kind][key].as_str() {
                extra.push((format!("{kind}-{key}"), value.to_owned()));
            }
        }
    }
    let named = |(key, value)| (format!("authentication.kubernetes.io/{key}"), vec![value]);
    extra.into_iter().map(named).collect()
}

/// Finds the object that a token is bound to, and tells of it in the claims.
fn bind(
    call: &Call,
    reference: &Value,
    account: &Entry,
    kubernetes: &mut Value,
) -> Result<Option<Bound>, Failure> {
    if reference.is_null() {
        return Ok(None);
    }
    let text = |key: &str| reference[key].as_str().unwrap_or_default();
    let (api_version, kind, name) = (text("apiVersion"), text("kind"), text("name"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let (plural, namespace) = match (group, kind) {
        ("", "Pod") => ("pods", account.key.namespace.as_str()),
        ("", "Secret") => ("secrets", account.key.namespace.as_str()),
        ("", "Node") => ("nodes", ""),
        _ => {
            let message = format!("cannot bind token to object of type {group}/{version}, Kind={kind}");
            return Err(Failure::bad_request(message));
        }
    };
    let (resource, key) = (core(plural), ObjectKey::new(namespace, name));
    let entry = call.server.store.get(&resource, &key);
    let entry = entry.ok_or_else(|| Failure::not_found(Named { group: "", resource: plural }, name))?;
    let object = entry.value();
    let mut claims = Map::new();
    if kind == "Pod" {
        if object::text(&object, &["spec", "serviceAccountName"]) != Some(account.key.name.as_str()) {
            return Err(Failure::bad_request(format!(
                "cannot bind token for serviceaccount {:?} to pod running with different serviceaccount name.",
                account.key.name
            )));
        }
        if let Some(node) = object::text(&object, &["spec", "nodeName"]).filter(|node| !node.is_empty()) {
            let found = call.server.store.get(&core("nodes"), &ObjectKey::new("", node));
            let claim =
                found.map_or_else(|| json!({"name": node}), |found| json!({"name": node, "uid": found.uid}));
            claims.insert("node".into(), claim);
        }
    }
    claims.insert(kind.to_lowercase(), json!({"name": name, "uid": entry.uid}));
    as_map(kubernetes).extend(claims);
    let uid = text("uid");
    if !uid.is_empty() && uid != entry.uid {
        let why = format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have \
             been deleted and then recreated"
        );
        return Err(Failure::conflict(Named { group, resource: kind }, name, &why));
    }
    Ok(Some(Bound { resource, key, uid: entry.uid.clone() }))
}
