//! Tokens of service accounts: `token`, and who brings one.

mod issued;
mod request;

pub(crate) use issued::Issued;
pub(super) use request::create;

use crate::server::Server;
use crate::user::User;

/// Who issues tokens, and whom they are for unless they say otherwise: this server.
pub(crate) const ISSUER: &str = "https://kubernetes.default.svc";

/// Whose a token is, if this server has issued it and it still means something.
pub(crate) fn user(server: &Server, token: &str) -> Option<User> {
    review(server, token, &[ISSUER.to_owned()]).ok().map(|(user, _)| user)
}

/// Whose a token is, and for whom it is, of those whom somebody asks about.
///
/// # Errors
///
/// Why nobody believes it; empty if the server does not know it.
pub(crate) fn review(
    server: &Server,
    token: &str,
    audiences: &[String],
) -> Result<(User, Vec<String>), String> {
    let Some(issue) = server.issued.find(token) else { return Err(String::new()) };
    let common: Vec<String> =
        issue.audiences.iter().filter(|audience| audiences.contains(audience)).cloned().collect();
    if common.is_empty() {
        return Err(format!(
            "token audiences {} is invalid for the target audiences {}",
            listed(&issue.audiences),
            listed(audiences)
        ));
    }
    issue.check(server)?;
    Ok((issue.user, common))
}

fn listed(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    format!("[{}]", texts.join(" "))
}
