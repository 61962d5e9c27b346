use std::{path::Path, process::Command};

use serde_json::Value;

/// What each package may depend on: other packages of the workspace, and, for the inner
/// rings, everything else as well.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &["chrono", "thiserror", "uuid"]),
    (
        "ports",
        &["async-trait", "chrono", "domain", "thiserror", "uuid"],
    ),
    ("adapters", &["domain", "ports"]),
    ("migration", &["adapters", "ports"]),
    ("app", &["adapters", "domain", "migration", "ports"]),
    (
        "tests",
        &["adapters", "app", "domain", "migration", "ports"],
    ),
];

/// The packages for which every dependency is listed, those of other people too.
const STRICT: &[&str] = &["domain", "ports"];

pub(super) fn wrong_arrows(root: &Path) -> Vec<String> {
    let packages = packages(root);
    let ours: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let listed = ALLOWED.iter().find(|(ring, _)| *ring == name);
        let (_, allowed) = listed.unwrap_or_else(|| panic!("{name} has no place in the rings"));
        for dependency in dependencies(package) {
            let matters = STRICT.contains(&name) || ours.contains(&dependency);
            if matters && !allowed.contains(&dependency) {
                let line = line_of(root, name, dependency);
                wrong.push(format!(
                    "{name}/Cargo.toml:{line}: {name} must not depend on {dependency}"
                ));
            }
        }
    }
    wrong
}

/// What is only for a package's own tests may point anywhere.
fn dependencies(package: &Value) -> impl Iterator<Item = &str> {
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| dependency["name"].as_str().unwrap())
}

fn packages(root: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {error}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn line_of(root: &Path, package: &str, dependency: &str) -> usize {
    let text = std::fs::read_to_string(root.join(package).join("Cargo.toml")).unwrap();
    let named = |line: &str| {
        line.strip_prefix(dependency)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=']))
    };
    text.lines().position(named).map_or(0, |at| at + 1)
}
