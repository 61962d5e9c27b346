use std::path::{Path, PathBuf};

/// A part of the tree, and the names that must not begin a path in it.
struct Ring {
    place: &'static str,
    name: &'static str,
    forbidden: &'static [&'static str],
}

const RINGS: &[Ring] = &[
    Ring {
        place: "domain/src",
        name: "domain",
        forbidden: &[
            "adapters",
            "app",
            "async_trait",
            "axum",
            "migration",
            "ports",
            "sea_orm",
            "serde",
            "sqlx",
            "tokio",
        ],
    },
    Ring {
        place: "ports/src",
        name: "ports",
        forbidden: &[
            "adapters",
            "app",
            "axum",
            "migration",
            "sea_orm",
            "serde",
            "sqlx",
            "tokio",
        ],
    },
    Ring {
        place: "adapters/src",
        name: "adapters",
        forbidden: &["app", "axum", "clap", "migration"],
    },
    Ring {
        place: "migration/src",
        name: "migration",
        forbidden: &["app", "axum"],
    },
    Ring {
        place: "app/src/services",
        name: "services",
        forbidden: &[
            "adapters",
            "axum",
            "clap",
            "crate::bootstrap",
            "crate::cli",
            "crate::config",
            "crate::http",
            "migration",
            "sea_orm",
            "serde",
            "sqlx",
            "tokio",
        ],
    },
];

pub(super) fn wrong_arrows(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for ring in RINGS {
        let mut files = Vec::new();
        collect(&root.join(ring.place), &mut files);
        files.extend(beside(root, ring.place));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let shown = file.strip_prefix(root).unwrap().display().to_string();
            for (number, line) in text.lines().enumerate() {
                for name in ring.forbidden.iter().filter(|name| leads(line, name)) {
                    let number = number + 1;
                    wrong.push(format!(
                        "{shown}:{number}: {} must not know {name}",
                        ring.name
                    ));
                }
            }
        }
    }
    wrong
}

/// The file that declares a folder's module.
fn beside(root: &Path, place: &str) -> Option<PathBuf> {
    Some(root.join(format!("{place}.rs"))).filter(|file| file.is_file())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// Whether a path in the line of code begins with this name: `name::`, or `use name`.
fn leads(line: &str, name: &str) -> bool {
    let code = line.trim_start();
    if code.starts_with("//") {
        return false;
    }
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let begins = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let used = code.starts_with("use ") && after.starts_with([';', ' ', ',']);
        begins && (after.starts_with("::") || used)
    })
}
