//! The sample is separable: what `remove-sample` leaves builds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const CRATES: [&str; 6] = ["domain", "ports", "adapters", "app", "migration", "tests"];

#[test]
fn the_tree_builds_without_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let copy = Copied::of(&root);

    let refused = copy.output("./remove-sample", &["--yes"]);
    assert!(!refused.status.success(), "nothing is committed there");
    assert!(copy.0.join("ports/src/account.rs").is_file());

    copy.run("./remove-sample", &["--yes", "--force"]);
    let left: Vec<_> = CRATES
        .map(|part| names_of_the_sample(&copy.0.join(part)))
        .concat();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert!(!copy.0.join("remove-sample").exists());
    let last = |root: &Path| {
        let readme = fs::read_to_string(root.join("README.md")).unwrap();
        readme.lines().last().map(str::to_owned)
    };
    assert_eq!(last(&copy.0), last(&root));

    copy.run(env!("CARGO"), &["fmt", "--all", "--check"]);
    let check = [
        "check",
        "--workspace",
        "--all-targets",
        "--offline",
        "--quiet",
    ];
    copy.run(env!("CARGO"), &check);
}

/// What git has of the tree, in a repository of its own. It ends with this value.
struct Copied(PathBuf);

impl Copied {
    fn of(root: &Path) -> Self {
        let listed = Command::new("git")
            .args(["ls-files", "--cached"])
            .current_dir(root)
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert!(!listed.is_empty(), "git knows nothing of this tree");
        let copy = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-sample"));
        copy.remove();
        for part in listed.lines().filter(|part| root.join(part).is_file()) {
            let place = copy.0.join(part);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::copy(root.join(part), place).unwrap();
        }
        copy.rename_version();
        copy.run("git", &["init", "--quiet"]);
        copy.run("git", &["add", "--all"]);
        copy
    }

    /// Under another version, or what is built of the copy would be taken for what is
    /// built of the tree: they share a target folder, for the sake of the dependencies.
    fn rename_version(&self) {
        let manifest = self.0.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let renamed = text.replacen("\nversion = \"", "\nversion = \"0.0.0-without.", 1);
        assert_ne!(text, renamed);
        fs::write(manifest, renamed).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let done = self.output(program, arguments);
        let (out, err) = (
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr),
        );
        assert!(
            done.status.success(),
            "{program} {arguments:?}:\n{out}{err}"
        );
    }

    /// The dependencies are the same, so they are taken from where they were built. A hook
    /// of git, which may have started these tests, says where its own repository is.
    fn output(&self, program: &str, arguments: &[&str]) -> Output {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        Command::new(program)
            .args(arguments)
            .env("CARGO_TARGET_DIR", target)
            .env_remove("RUSTFLAGS")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_WORK_TREE")
            .current_dir(&self.0)
            .output()
            .unwrap()
    }

    fn remove(&self) {
        if self.0.exists() {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // Whoever fails already has something better to say.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names_of_the_sample(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let sample = ["ledger", "account", "transfer"];
        if sample.iter().any(|word| name.starts_with(word)) {
            found.push(path);
        } else if path.is_dir() {
            found.extend(names_of_the_sample(&path));
        }
    }
    found
}
