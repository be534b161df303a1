//! A script on one server.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::normalise::Normaliser;
use crate::script::{Script, Step};
use crate::side::Side;
use crate::template::{self, Variables};
use crate::watch::Events;

/// The headers of answers that are compared.
const HEADERS: [&str; 6] = ["content-type", "location", "retry-after", "vary", "warning", "www-authenticate"];

/// How long, and how often, a request is repeated that waits for something.
const UNTIL: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(100);

/// A script that is being run.
struct Run<'a> {
    side: &'a Side,
    variables: Variables,
    watches: BTreeMap<String, Events>,
    normaliser: Normaliser,
}

/// Runs a script and gives for each step what it is called and the answer, normalised.
///
/// The tag makes names on this server differ from those on the other, in case it is the same.
pub(crate) async fn run(script: &Script, side: &Side, index: usize, tag: char) -> Vec<(String, Value)> {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() % 0x1_0000_0000;
    let unique = format!("{tag}{now:08x}{index:03}");
    let namespace = format!("ns-{unique}");
    let mut variables = Variables::new();
    variables.insert("unique".to_owned(), json!(unique));
    variables.insert("namespace".to_owned(), json!(namespace));
    let mut run = Run { side, variables, watches: BTreeMap::new(), normaliser: Normaliser::new(unique) };
    let mut answers = Vec::new();
    if script.namespace {
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        let step = Step { call: "POST /api/v1/namespaces".to_owned(), body: Some(body), ..Step::default() };
        let answer = run.step(&step).await;
        assert_eq!(
            answer["status"],
            201,
            "{}: no namespace on the {} server: {answer}",
            script.title(),
            side.name
        );
    }
    for step in script.spelled_out() {
        answers.push((step.label(), run.step(&step).await));
    }
    answers
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) -> Value {
        for (name, value) in &step.variables {
            let value = template::value(value, &self.variables);
            self.variables.insert(name.clone(), value);
        }
        if let Some(seconds) = step.wait {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
        let mut answer = match self.answer(step).await {
            Ok(answer) => answer,
            Err(error) => json!({"status": format!("none: {error}")}),
        };
        for (name, pointer) in &step.capture {
            let value = answer.get("body").and_then(|body| body.pointer(pointer)).cloned();
            self.variables.insert(name.clone(), value.unwrap_or(Value::Null));
        }
        self.normaliser.answer(&mut answer);
        answer
    }

    async fn answer(&mut self, step: &Step) -> Result<Value, String> {
        if let Some(name) = &step.events {
            let events = self.watches.get_mut(name).ok_or("there is no such watch")?;
            let (events, end) = events.collect(&step.watch.clone().unwrap_or_default()).await;
            return Ok(json!({"events": events, "end": end}));
        }
        if step.watch.is_some() || step.background.is_some() {
            return self.watch(step).await;
        }
        let began = SystemTime::now();
        loop {
            let (request, path, body) = self.request(step)?;
            let answer = self.side.send(request, &path, body).await?;
            let answer = read(&answer.head.headers, answer.head.status.as_u16(), &answer.body);
            let body = answer.get("body");
            let there = |(pointer, value): (&String, &Value)| {
                let wanted = template::value(value, &self.variables);
                match pointer.as_str() {
                    "status" => answer["status"] == wanted,
                    pointer => body.and_then(|body| body.pointer(pointer)) == Some(&wanted),
                }
            };
            if step.until.iter().all(there) || began.elapsed().is_ok_and(|time| time > UNTIL) {
                return Ok(answer);
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Opens a watch, and reads it unless it is for later.
    async fn watch(&mut self, step: &Step) -> Result<Value, String> {
        let (request, path, body) = self.request(step)?;
        let (head, body) = self.side.open(request, &path, body).await?.into_parts();
        let status = head.status.as_u16();
        if !head.status.is_success() {
            let body = http_body_util::BodyExt::collect(body).await.map_err(|error| error.to_string())?;
            return Ok(read(&head.headers, status, &body.to_bytes()));
        }
        let mut answer = json!({"status": status, "headers": headers(&head.headers)});
        let mut events = Events::new(body, is_protobuf(&head.headers));
        match &step.background {
            Some(name) => drop(self.watches.insert(name.clone(), events)),
            None => {
                let (events, end) = events.collect(&step.watch.clone().unwrap_or_default()).await;
                answer["events"] = events.into();
                answer["end"] = end.into();
            }
        }
        Ok(answer)
    }

    fn request(&mut self, step: &Step) -> Result<(http::request::Builder, String, Bytes), String> {
        let (method, path) = step.call.split_once(' ').ok_or("a step says `do: METHOD /path`")?;
        let method: Method = method.parse().map_err(|_| "no such method")?;
        let mut request = http::Request::builder().method(method);
        let path = template::escaped(&template::text(path, &self.variables));
        let (content_type, body) = self.body(step);
        let explicit = |name: &str| step.headers.keys().any(|key| key.eq_ignore_ascii_case(name));
        if let Some(content_type) = content_type.filter(|_| !explicit("content-type")) {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if !explicit("accept") {
            let accept = step.accept.as_deref().unwrap_or("application/json");
            request = request.header(ACCEPT, template::text(accept, &self.variables));
        }
        for (name, value) in &step.headers {
            request = request.header(name, template::text(value, &self.variables));
        }
        Ok((request, path, body))
    }

    /// What is sent, and as what if the step does not say.
    fn body(&mut self, step: &Step) -> (Option<&'static str>, Bytes) {
        let patch = step.patch.map(|patch| patch.media_type());
        if let Some(object) = &step.protobuf {
            let object = template::value(object, &self.variables);
            self.note_prefix(&object);
            let body = kubeset_protobuf::to_vec(&object).expect("the object of a script has protobuf");
            return (Some(kubeset_protobuf::MEDIA_TYPE), body.into());
        }
        if let Some(bytes) = &step.bytes {
            return (patch, STANDARD.decode(template::text(bytes, &self.variables)).unwrap().into());
        }
        let (content_type, text) = match (&step.body, &step.text) {
            (Some(body), _) => (
                Some(patch.unwrap_or("application/json")),
                template::value(body, &self.variables).to_string(),
            ),
            (None, Some(text)) => (patch, template::text(text, &self.variables)),
            (None, None) => (patch, String::new()),
        };
        if let Ok(object) = serde_json::from_str(&text) {
            self.note_prefix(&object);
        }
        (content_type, text.into())
    }

    /// Remembers the beginning of a name that the server makes up.
    fn note_prefix(&mut self, object: &Value) {
        if let Some(prefix) = object["metadata"]["generateName"].as_str() {
            self.normaliser.generated(prefix);
        }
    }
}

fn is_protobuf(head: &HeaderMap) -> bool {
    let media_type = head.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with(kubeset_protobuf::MEDIA_TYPE))
}

/// An answer as a value: its status, some headers, and the body.
fn read(head: &HeaderMap, status: u16, body: &[u8]) -> Value {
    let mut answer = json!({"status": status, "headers": headers(head)});
    let media_type = head.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    answer["body"] = if media_type.starts_with("application/json") {
        serde_json::from_slice(body).unwrap_or_else(|_| text(body))
    } else if media_type.starts_with("application/yaml") {
        serde_saphyr::from_slice(body).unwrap_or_else(|_| text(body))
    } else if is_protobuf(head) {
        kubeset_protobuf::from_slice(body).unwrap_or_else(|error| json!(format!("not protobuf: {error}")))
    } else if media_type.contains("protobuf") {
        json!("(protobuf)")
    } else {
        text(body)
    };
    answer
}

fn text(body: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(body).into_owned())
}

/// The headers that are compared. Several of a name are in a list.
fn headers(head: &HeaderMap) -> Value {
    let mut all = json!({});
    for name in HEADERS {
        let values: Vec<_> = head.get_all(name).iter().map(|value| text(value.as_bytes())).collect();
        match &values[..] {
            [] => {}
            [value] => all[name] = value.clone(),
            // In one header or in several, it is one list.
            several if name == "vary" => {
                let texts: Vec<_> = several.iter().filter_map(Value::as_str).collect();
                all[name] = texts.join(", ").into();
            }
            _ => all[name] = values.into(),
        }
    }
    all
}
