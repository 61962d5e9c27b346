//! Which tests are proptest's: read from the sources, so that a new one is run without being
//! written down anywhere.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// The tests that are properties, and where they are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The packages that have some.
    pub packages: BTreeSet<String>,
    /// What of them has to be built: `--lib`, `--test it`.
    pub targets: BTreeSet<Vec<String>>,
    /// The functions, and their files.
    pub tests: BTreeSet<(String, PathBuf)>,
    /// Where there is something of proptest's that is in no test known here, and why.
    pub unknown: Vec<String>,
}

impl Properties {
    /// Those in the packages of a workspace.
    ///
    /// # Errors
    ///
    /// When the sources can not be read.
    pub fn of(workspace: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        for entry in fs::read_dir(workspace)? {
            let package = entry?.path();
            if package.join("Cargo.toml").is_file() {
                for file in sources(&package)? {
                    found.read(workspace, &file)?;
                }
            }
        }
        Ok(found)
    }

    fn read(&mut self, workspace: &Path, file: &Path) -> io::Result<()> {
        let text = fs::read_to_string(file)?;
        let begins = |part: &str| text.lines().any(|line| line.trim_start().starts_with(part));
        let runs = ["proptest! {", "proptest!(", "proptest::proptest!"].map(begins);
        // By hand, or in the middle of a test: each test of the file may be meant.
        let by_hand = text.contains("TestRunner::") && begins("use proptest") || runs[1];
        if !by_hand && runs == [false; 3] {
            return Ok(());
        }
        let path = file.strip_prefix(workspace).unwrap_or(file);
        let names: Vec<_> = tests(&text, by_hand).collect();
        let Some((package, target)) = target(path).filter(|_| !names.is_empty()) else {
            let reason = if names.is_empty() {
                "no test is seen in it"
            } else {
                "it is in no library, and in no file of tests"
            };
            self.unknown.push(format!("{}: {reason}", path.display()));
            return Ok(());
        };
        self.packages.insert(package);
        self.targets.insert(target);
        let tests = names.into_iter().map(|name| (name, path.to_owned()));
        self.tests.extend(tests);
        Ok(())
    }
}

/// The names of the test functions in a source: all of them, or those inside of the macro.
fn tests(text: &str, all: bool) -> impl Iterator<Item = String> {
    let mut end = None;
    let mut is_test = false;
    text.lines().filter_map(move |line| {
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        if inner.starts_with("proptest! {") || inner.starts_with("proptest::proptest! {") {
            end = Some(indent);
        } else if end == Some(indent) && inner == "}" {
            end = None;
        }
        if inner.starts_with("#[test]") || inner.starts_with("#[tokio::test") {
            is_test = true;
            return None;
        }
        let (_, named) = inner.split_once("fn ").filter(|_| is_test)?;
        is_test = false;
        let name: String = named.chars().take_while(|c| is_of_name(*c)).collect();
        (all || end.is_some()).then_some(name)
    })
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The package of a file, and what cargo is told to have the tests in it.
fn target(path: &Path) -> Option<(String, Vec<String>)> {
    let parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    let (package, target) = match parts[..] {
        [package, "src", first, ..] if first != "main.rs" && first != "bin" => {
            (package, vec!["--lib".to_owned()])
        }
        [package, "tests", first, ..] => {
            let name = first.strip_suffix(".rs").unwrap_or(first);
            (package, vec!["--test".to_owned(), name.to_owned()])
        }
        _ => return None,
    };
    Some((package.to_owned(), target))
}

fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}
