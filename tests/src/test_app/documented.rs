//! Whether an answer is one that the API's document has.

use std::sync::LazyLock;

use http::Method;
use serde_json::Value;

use crate::answer::Answer;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(app::http::document()).expect("the document is JSON"));

/// Fails when the operation of this request never answers so, by what the document says. What is
/// answered where there is no operation is nobody's.
pub(crate) fn assert(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    let status = answer.status.to_string();
    let response = operation.get("responses").and_then(|all| all.get(&status));
    let Some(response) = response else {
        panic!("{method} {path} answers {status}, which its document does not have: {answer:?}");
    };
    let Some(kind) = answer.body.get("type").and_then(Value::as_str) else {
        return;
    };
    let slug = kind.rsplit('/').next().unwrap_or_default();
    let examples = response.pointer("/content/application~1problem+json/examples");
    assert!(
        examples.is_some_and(|examples| examples.get(slug).is_some()),
        "{method} {path} answers {slug}, which its document does not have: name it in the \
         handler's Problems<(..)>, or in openapi/completion.rs: {answer:?}"
    );
}

/// The operation with the fewest parameters in its path.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let paths = DOCUMENT.get("paths")?.as_object()?;
    let fitting = paths.iter().filter(|(template, _)| fits(template, path));
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (mut parts, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(given))
                if part == given || part.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}
