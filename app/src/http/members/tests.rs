//! Bodies of any kind.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What any route might want.
#[derive(Debug, PartialEq)]
struct Wanted {
    name: String,
    number: i64,
}

impl FromMembers for Wanted {
    fn read(members: &mut Members) -> Option<Self> {
        let name = members.text("name", |text| Ok::<_, &str>(text.to_owned()));
        let number = members.whole_number("number", -10..=10);
        Some(Self {
            name: name?,
            number: number?,
        })
    }
}

/// `None` for what is no JSON object.
fn read(body: &[u8]) -> Option<Result<Wanted, Problem>> {
    match serde_json::from_slice(body) {
        Ok(Document::Object(given)) => Some(Members::read(given)),
        Ok(Document::Other) | Err(_) => None,
    }
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-12_i64..12).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-12_i32..12).prop_map(|number| Value::from(f64::from(number))),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), text in "[{}\\[\\]\":,a-z0-9\\\\.eE+-]{0,40}") {
        for body in [bytes.as_slice(), text.as_bytes()] {
            let is_object = serde_json::from_slice::<Value>(body).is_ok_and(|value| value.is_object());
            if let Some(Ok(wanted)) = read(body) {
                prop_assert!(is_object, "{:?} {:?}", body, wanted);
            }
        }
    }

    #[test]
    fn an_object_is_read_when_each_member_is_what_it_has_to_be(
        name in document(), number in document(), other in prop::option::of(document()),
    ) {
        let mut body = json!({"name": name, "number": number});
        if let Some(other) = &other {
            body["other"] = other.clone();
        }
        let text = name.as_str();
        let whole = number.as_i64().or_else(|| {
            let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
            format!("{number:.0}").parse().ok()
        });
        let whole = whole.filter(|whole| (-10..=10).contains(whole));
        let expected = text.zip(whole).filter(|_| other.is_none());
        let expected = expected.map(|(name, number)| Wanted { name: name.to_owned(), number });
        let read = read(body.to_string().as_bytes()).and_then(Result::ok);
        prop_assert_eq!(read, expected, "{}", body);
    }

    #[test]
    fn a_member_that_is_given_twice_is_refused(first in document(), second in document()) {
        let body = format!(r#"{{"name": {first}, "number": 1, "name": {second}}}"#);
        prop_assert!(read(body.as_bytes()).is_some_and(|read| read.is_err()));
    }
}
