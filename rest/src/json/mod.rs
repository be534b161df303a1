//! JSON before it is decoded: a scanner that goes on from chunk to chunk, what is left out of objects, and what errors
//! may say: where and why, but no text from the document, which may be a secret.

mod kept;
mod managed_fields;
mod scanner;

pub(crate) use self::kept::Kept;
pub(crate) use self::managed_fields::{ManagedFields, ObjectPlace, without_managed_fields};
pub(crate) use self::scanner::{Event, Scanner};

/// The message of a decoding error without the strings that it quotes from the document.
pub(crate) fn problem(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = without(&message, "string \"", "\", expected");
    without(&message, "unknown variant `", "`, expected")
}

/// `message` with what stands between `open` and the last `close` left out.
fn without(message: &str, open: &str, close: &str) -> String {
    let span = message.find(open).map(|at| at + open.len());
    let (Some(start), Some(end)) = (span, message.rfind(close)) else {
        return message.to_owned();
    };
    if start > end { message.to_owned() } else { format!("{}…{}", &message[..start], &message[end..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_does_not_get_into_the_message() {
        let error = serde_json::from_str::<i32>(r#""hunter\"2""#).unwrap_err();
        let message = problem(&error);
        assert!(!message.contains("hunter"), "{message}");
        assert!(message.contains("expected i32"), "{message}");
        assert!(message.contains("line 1"), "{message}");
    }

    #[test]
    fn field_names_and_places_stay() {
        #[derive(Debug, serde::Deserialize)]
        struct Named {
            #[expect(dead_code, reason = "only decoded")]
            name: String,
        }
        let error = serde_json::from_str::<Named>("{}").unwrap_err();
        assert!(problem(&error).contains("missing field `name`"));
    }
}
