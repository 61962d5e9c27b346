//! Dependencies point inwards only: domain <- ports <- adapters <- app, and the services
//! know the domain and the ports alone.

mod manifests;
mod sources;

use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn manifests_point_inwards() {
    let wrong = manifests::wrong_arrows(&workspace());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn sources_point_inwards() {
    let wrong = sources::wrong_arrows(&workspace());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_in_a_source_is_named_with_file_and_line() {
    let tree = tempfile::tempdir().unwrap();
    let place = tree.path().join("app/src/services");
    std::fs::create_dir_all(&place).unwrap();
    let text = "//! sea_orm:: in a comment is no arrow\nuse ports::Clock;\nuse sea_orm::DbErr;\n";
    std::fs::write(place.join("account.rs"), text).unwrap();
    assert_eq!(
        sources::wrong_arrows(tree.path()),
        ["app/src/services/account.rs:3: services must not know sea_orm"]
    );
}

#[test]
fn a_wrong_arrow_in_a_manifest_is_named_with_file_and_line() {
    let tree = tempfile::tempdir().unwrap();
    let package = |name: &str, dependencies: &str| {
        let place = tree.path().join(name);
        std::fs::create_dir_all(place.join("src")).unwrap();
        std::fs::write(place.join("src/lib.rs"), "").unwrap();
        let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\n");
        std::fs::write(place.join("Cargo.toml"), head + dependencies).unwrap();
    };
    package(
        "domain",
        "[dependencies]\nports = { path = \"../ports\" }\n",
    );
    package("ports", "");
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"domain\", \"ports\"]\n";
    std::fs::write(tree.path().join("Cargo.toml"), members).unwrap();
    assert_eq!(
        manifests::wrong_arrows(tree.path()),
        ["domain/Cargo.toml:6: domain must not depend on ports"]
    );
}
