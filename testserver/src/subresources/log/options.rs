//! Which part of a log somebody wants.

use super::kept::Line;
use crate::call::Call;
use crate::failure::{Cause, Failure, Named};
use crate::query::Query;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Which part of a log somebody wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) container: String,
    pub(super) follow: bool,
    pub(super) previous: bool,
    timestamps: bool,
    since: Option<Timestamp>,
    tail: Option<usize>,
    /// In bytes.
    limit: Option<usize>,
    /// Whether only what was written as an error is wanted, which is nothing: all is output.
    only_errors: bool,
}

impl Options {
    /// Reads the parameters of a request.
    ///
    /// # Errors
    ///
    /// If they are none, or contradict each other.
    pub(super) fn read(call: &Call) -> Result<Self, Failure> {
        let query = &call.query;
        let since_time = query.get("sinceTime").map(time).transpose()?;
        let since_seconds = number(query, "sinceSeconds")?;
        let (tail, limit) = (number(query, "tailLines")?, number(query, "limitBytes")?);
        let stream = query.get("stream").unwrap_or("All");
        let mut causes = Vec::new();
        let mut invalid = |field: &str, value: i64, detail: &str| {
            causes.push(Cause::invalid(field, &Value::from(value), detail));
        };
        if let Some(tail) = tail.filter(|tail| *tail < 0) {
            invalid("tailLines", tail, "must be greater than or equal to 0");
        }
        if let Some(limit) = limit.filter(|limit| *limit < 1) {
            invalid("limitBytes", limit, "must be greater than 0");
        }
        match (since_seconds, since_time) {
            (Some(_), Some(_)) => {
                let detail = "at most one of `sinceTime` or `sinceSeconds` may be specified";
                causes.push(Cause::forbidden("[]", detail));
            }
            (Some(seconds), None) if seconds < 1 => {
                invalid("sinceSeconds", seconds, "must be greater than 0");
            }
            _ => {}
        }
        if !["All", "Stdout", "Stderr"].contains(&stream) {
            let supported = ["Stdout", "Stderr", "All"];
            causes.push(Cause::not_supported("stream", &Value::from(stream), &supported));
        }
        if stream != "All" && tail.is_some() {
            let detail = "`tailLines` and specific `stream` are mutually exclusive for now";
            causes.push(Cause::forbidden("[]", detail));
        }
        if !causes.is_empty() {
            let named = Named { group: "", resource: "PodLogOptions" };
            return Err(Failure::invalid(named, &call.route.name, causes));
        }
        let ago = |seconds| Timestamp::now().saturating_sub(SignedDuration::from_secs(seconds)).ok();
        Ok(Self {
            container: query.get("container").unwrap_or_default().to_owned(),
            follow: query.flag("follow"),
            previous: query.flag("previous"),
            timestamps: query.flag("timestamps"),
            since: since_time.or_else(|| since_seconds.and_then(ago)),
            tail: tail.and_then(|tail| usize::try_from(tail).ok()),
            limit: limit.and_then(|limit| usize::try_from(limit).ok()),
            only_errors: stream == "Stderr",
        })
    }

    /// The text of the wanted lines, and how many bytes more are wanted; none for all.
    pub(super) fn select(&self, lines: &[Line]) -> (String, Option<usize>) {
        let from = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        self.written(lines.get(from..).unwrap_or_default(), self.limit)
    }

    /// The text of lines, as far as no more than `limit` bytes are wanted, and how many are then.
    pub(super) fn written(&self, lines: &[Line], limit: Option<usize>) -> (String, Option<usize>) {
        let mut text = String::new();
        for line in lines {
            if self.only_errors || self.since.is_some_and(|since| line.time < since) {
                continue;
            }
            if self.timestamps {
                text.push_str(&format!("{:.9} ", line.time));
            }
            text.push_str(&line.text);
        }
        let Some(limit) = limit else { return (text, None) };
        let mut end = limit.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        (text, Some(limit - end))
    }
}

fn number(query: &Query, name: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let failed = |_| Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"));
    text.parse().map(Some).map_err(failed)
}

fn time(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|_| {
        Failure::bad_request(format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{Line, Options};

    fn lines() -> Vec<Line> {
        let line = |second: i64, text: &str| Line {
            time: jiff::Timestamp::from_second(second).unwrap(),
            text: text.to_owned(),
        };
        vec![line(1, "one\n"), line(2, "two\n"), line(3, "three")]
    }

    fn selected(options: &Options) -> String {
        options.select(&lines()).0
    }

    #[test]
    fn a_log_is_cut_at_its_beginning_by_lines_and_at_its_end_by_bytes() {
        assert_eq!(selected(&Options::default()), "one\ntwo\nthree");
        assert_eq!(selected(&Options { tail: Some(2), ..Options::default() }), "two\nthree");
        assert_eq!(selected(&Options { tail: Some(0), ..Options::default() }), "");
        let cut = Options { tail: Some(2), limit: Some(6), ..Options::default() };
        assert_eq!(cut.select(&lines()), ("two\nth".to_owned(), Some(0)));
    }

    #[test]
    fn lines_have_times() {
        let since = jiff::Timestamp::from_second(3).ok();
        assert_eq!(selected(&Options { since, ..Options::default() }), "three");
        let options = Options { timestamps: true, tail: Some(1), ..Options::default() };
        assert_eq!(selected(&options), "1970-01-01T00:00:03.000000000Z three");
    }
}
