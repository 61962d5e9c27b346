use http::{HeaderValue, Method};
use tests::TestApp;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

on_both!(
    a_request_stays_in_the_trace_of_its_caller,
    a_trace_is_begun_for_a_request_without_a_valid_one,
);

/// The trace, the span and the flags that are answered.
async fn answered(app: &TestApp, given: &[&str]) -> (String, String, String) {
    let mut request = app.request(Method::GET, "/healthz");
    for value in given {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append("traceparent", value);
    }
    let answer = app.send(request).await;
    let parts: Vec<&str> = answer.header("traceparent").split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    assert_eq!(
        (parts[0], lengths.as_slice()),
        ("00", [2, 32, 16, 2].as_slice())
    );
    (parts[1].into(), parts[2].into(), parts[3].into())
}

async fn a_request_stays_in_the_trace_of_its_caller(app: TestApp) {
    let caller = "00f067aa0ba902b7";
    for flags in ["01", "00"] {
        let header = format!("00-{TRACE}-{caller}-{flags}");
        let (trace, span, kept) = answered(&app, &[&header]).await;
        assert_eq!((trace.as_str(), kept.as_str()), (TRACE, flags));
        assert!(span != caller && span != "0000000000000000", "{span}");
    }
}

async fn a_trace_is_begun_for_a_request_without_a_valid_one(app: TestApp) {
    let valid = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let refused = format!("00-{TRACE}-0000000000000000-01");
    let mut seen = vec![TRACE.to_owned(), "0".repeat(32)];
    for given in [&[][..], &["nonsense"], &[&refused], &[&valid, &valid]] {
        let (trace, _, _) = answered(&app, given).await;
        assert!(!seen.contains(&trace), "{trace} for {given:?}");
        seen.push(trace);
    }
}
