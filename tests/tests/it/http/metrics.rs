use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use http::Method;
use tests::{Metrics, TestApp};

on_both!(
    requests_are_counted_by_method_route_and_status,
    what_clients_invent_becomes_no_label,
    two_services_do_not_mix,
    the_units_of_work_of_the_service_are_told_of,
    the_page_about_the_metrics_lists_all_of_them_and_no_others,
);

fn answered(metrics: &Metrics, method: &str, route: &str, status: &str) -> Option<f64> {
    metrics.find(&format!(
        r#"http_requests_total{{method="{method}",route="{route}",status="{status}"}}"#
    ))
}

async fn requests_are_counted_by_method_route_and_status(app: TestApp) {
    app.get("/healthz").await;
    app.get("/healthz").await;
    app.send(app.request(Method::POST, "/healthz")).await;
    let scraped = app.scrape().await;
    assert_eq!(
        scraped.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let metrics = Metrics(scraped.into_body());

    assert_eq!(answered(&metrics, "GET", "/healthz", "200"), Some(2.0));
    assert_eq!(answered(&metrics, "POST", "/healthz", "405"), Some(1.0));
    let count = r#"http_request_duration_seconds_count{method="GET",route="/healthz",class="2xx"}"#;
    assert_eq!(metrics.count(count), 2);
    assert_eq!(metrics.count("http_requests_in_flight"), 1);
    assert!(metrics.0.ends_with("# EOF\n"));
}

async fn what_clients_invent_becomes_no_label(app: TestApp) {
    for path in ["/invented/1", "/invented/2"] {
        assert_eq!(app.get(path).await.status, 404);
    }
    let method = Method::from_bytes(b"BREW").unwrap();
    app.send(app.request(method, "/healthz")).await;

    let metrics = app.metrics().await;
    assert_eq!(answered(&metrics, "GET", "unmatched", "404"), Some(2.0));
    assert_eq!(answered(&metrics, "other", "/healthz", "405"), Some(1.0));
    for word in ["invented", "BREW"] {
        assert!(!metrics.0.contains(word), "{metrics:?}");
    }
}

async fn two_services_do_not_mix(app: TestApp) {
    let other = TestApp::sqlite().await;
    other.get("/healthz").await;
    let metrics = app.metrics().await;
    assert_eq!(answered(&metrics, "GET", "/healthz", "200"), None);
}

async fn the_units_of_work_of_the_service_are_told_of(app: TestApp) {
    assert_eq!(app.get("/readyz").await.status, 200);
    let metrics = app.metrics().await;
    let committed = r#"database_units_of_work_total{database="main",outcome="committed"}"#;
    assert!(metrics.count(committed) >= 1);
    assert_eq!(metrics.count(r#"database_pool_in_use{database="main"}"#), 0);
    assert!(metrics.value("process_start_time_seconds") > 1.7e9);
    assert_eq!(metrics.count(r#"service_build_info{version="0.1.0"}"#), 1);
}

/// Type, unit and labels of each metric.
type Table = BTreeMap<String, [String; 3]>;

async fn the_page_about_the_metrics_lists_all_of_them_and_no_others(app: TestApp) {
    app.get("/healthz").await;
    assert_eq!(documented(), told(&app.metrics().await));
}

/// Rows such as `` | `name` | counter | | `label`, `label` | what it is | ``.
fn documented() -> Table {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let plain = |cell: usize| cells[cell].replace('`', "");
        (plain(1), [plain(2), plain(3), plain(4)])
    })
    .collect()
}

fn told(metrics: &Metrics) -> Table {
    let mut table = Table::new();
    for line in metrics.0.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["#", "TYPE", name, kind] => {
                table.insert(
                    name.to_owned(),
                    [kind.to_owned(), String::new(), String::new()],
                );
            }
            ["#", "UNIT", name, unit] => unit.clone_into(&mut table.get_mut(name).unwrap()[1]),
            ["#", ..] => {}
            _ => {
                let name = line.split(['{', ' ']).next().unwrap();
                let of = table
                    .iter_mut()
                    .filter(|(known, _)| name.starts_with(*known));
                let (_, row) = of.max_by_key(|(known, _)| known.len()).unwrap();
                row[2] = labels(line);
            }
        }
    }
    table
}

fn labels(series: &str) -> String {
    let inside = series.split_once('{').map_or("", |(_, rest)| rest);
    let mut names = BTreeSet::new();
    for part in inside.split("\",").filter_map(|part| part.split_once('=')) {
        names.insert(part.0);
    }
    names.remove("le");
    names.into_iter().collect::<Vec<_>>().join(", ")
}
