//! `log` of Pods: the text that a test has set.

mod kept;
mod options;
mod stream;

pub(crate) use kept::Logs;

use super::connect;
use crate::accept::{self, REPRESENTATIONS, Source, View};
use crate::answer::{Answer, Content};
use crate::call::Call;
use crate::failure::Failure;
use crate::object;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use kept::Place;
use options::Options;
use stream::Stream;

pub(super) fn get(call: &Call) -> Result<Answer, Failure> {
    if call.view != View::Object {
        return Err(Failure::not_acceptable(REPRESENTATIONS));
    }
    // Who takes only text is not told why there is none.
    read(call).map_err(|failure| match accept::representation(&call.headers, Source::BuiltIn, call.verb) {
        Ok(_) => failure,
        Err(_) => Failure::not_acceptable(REPRESENTATIONS),
    })
}

fn read(call: &Call) -> Result<Answer, Failure> {
    let options = Options::read(call)?;
    let pod = call.stored()?.value();
    let container = connect::container(&pod, &options.container)?;
    let place = Place::new(&call.route.namespace, &call.route.name, &container);
    let Some(log) = call.server.pod_logs.find(&place) else {
        if object::text(&pod, &["spec", "nodeName"]).is_none_or(str::is_empty) {
            // There is no node to ask, and that is no failure.
            return Ok(Answer::new(StatusCode::NO_CONTENT, Content::Empty));
        }
        connect::node_of(call, &pod)?;
        return Ok(text(String::new()));
    };
    if options.previous {
        let Some(lines) = log.previous() else {
            let name = &call.route.name;
            let message = format!("previous terminated container {container:?} in pod {name:?} not found");
            return Err(Failure::bad_request(message));
        };
        return Ok(text(options.select(&lines).0));
    }
    if options.follow {
        return Ok(Stream::start(call, log, options));
    }
    Ok(text(options.select(&log.lines()).0))
}

fn text(text: String) -> Answer {
    Answer::text(StatusCode::OK, text).header(CONTENT_TYPE, HeaderValue::from_static("text/plain"))
}
