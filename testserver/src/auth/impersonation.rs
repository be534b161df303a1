//! Requests on behalf of somebody else.

use super::{Attributes, authorize, forbidden};
use crate::failure::Failure;
use crate::server::Server;
use crate::user::{ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, User, service_account, service_account_groups};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// Whom a request wants to be made by.
#[derive(Debug, Default)]
struct Wanted {
    user: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

impl Wanted {
    fn of(headers: &HeaderMap) -> Self {
        let first = |name: &str| headers.get(name).map(text).unwrap_or_default();
        let mut wanted = Self {
            user: first("impersonate-user"),
            uid: first("impersonate-uid"),
            groups: headers.get_all("impersonate-group").iter().map(text).collect(),
            extra: BTreeMap::new(),
        };
        for (name, value) in headers {
            if let Some(key) = name.as_str().strip_prefix("impersonate-extra-") {
                let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
                wanted.extra.entry(key).or_default().push(text(value));
            }
        }
        wanted
    }

    /// As the server's log and messages show it.
    fn shown(&self) -> String {
        let list = |texts: &[String]| {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            if texts.is_empty() { "(nil)".into() } else { format!("{{{}}}", texts.join(", ")) }
        };
        let extra: Vec<String> =
            self.extra.iter().map(|(key, values)| format!("{key:?}:[]string{}", list(values))).collect();
        let extra = if extra.is_empty() { "(nil)".into() } else { format!("{{{}}}", extra.join(", ")) };
        format!(
            "&user.DefaultInfo{{Name:{:?}, UID:{:?}, Groups:[]string{}, Extra:map[string][]string{extra}}}",
            self.user,
            self.uid,
            list(&self.groups)
        )
    }

    /// What one must have the right to impersonate.
    fn needed(&self) -> Vec<Attributes> {
        let impersonate =
            |group: &str, resource: &str, subresource: &str, namespace: &str, name: &str| Attributes {
                verb: "impersonate".into(),
                group: group.into(),
                resource: resource.into(),
                subresource: subresource.into(),
                namespace: namespace.into(),
                name: name.into(),
                path: String::new(),
            };
        let mut needed = vec![match service_account(&self.user) {
            Some((namespace, name)) => impersonate("", "serviceaccounts", "", namespace, name),
            None => impersonate("", "users", "", "", &self.user),
        }];
        let group = "authentication.k8s.io";
        needed.extend(self.groups.iter().map(|name| impersonate("", "groups", "", "", name)));
        for (key, values) in &self.extra {
            needed.extend(values.iter().map(|value| impersonate(group, "userextras", key, "", value)));
        }
        if !self.uid.is_empty() {
            needed.push(impersonate(group, "uids", "", "", &self.uid));
        }
        needed
    }

    fn into_user(self) -> User {
        let mut groups = self.groups;
        if groups.is_empty()
            && let Some((namespace, _)) = service_account(&self.user)
        {
            groups.extend(service_account_groups(namespace));
        }
        let has = |group: &str| groups.iter().any(|other| other == group);
        if self.user == ANONYMOUS {
            if !has(UNAUTHENTICATED) {
                groups.push(UNAUTHENTICATED.into());
            }
        } else if !has(AUTHENTICATED) && !has(UNAUTHENTICATED) {
            groups.push(AUTHENTICATED.into());
        }
        User { name: self.user, uid: self.uid, groups, extra: self.extra.into_iter().collect() }
    }
}

fn text(value: &http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Whom the request is made by: whom its headers want, or who asks.
///
/// # Errors
///
/// If the headers make no sense, or who asks may not act as them.
pub(super) fn user(
    server: &Server,
    asking: User,
    headers: &HeaderMap,
    attributes: &Attributes,
) -> Result<User, Failure> {
    // Most requests have no such headers.
    if !headers.keys().any(|name| name.as_str().starts_with("impersonate-")) {
        return Ok(asking);
    }
    let wanted = Wanted::of(headers);
    if wanted.user.is_empty() {
        if wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty() {
            return Ok(asking);
        }
        return Err(Failure::bad_request(format!(
            "requested {} without impersonating a user name",
            wanted.shown()
        )));
    }
    let allowed = |needed: &Attributes| authorize(server, &asking, needed).allowed;
    if server.auth.required && !wanted.needed().iter().all(allowed) {
        // The server tells of the first of the ways in which one may act as others, not of the one tried here.
        let way = if wanted.user.starts_with("system:node:") {
            "arbitrary-node"
        } else if service_account(&wanted.user).is_some() {
            "serviceaccount"
        } else {
            "user-info"
        };
        let verb = format!("impersonate-on:{way}:{}", attributes.verb);
        return Err(forbidden::failure(&asking, &Attributes { verb, ..attributes.clone() }, ""));
    }
    Ok(wanted.into_user())
}
