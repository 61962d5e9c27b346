//! Completions for shells.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::{Cli, Failure, console::print};

const HELP: &str = "\
Examples:
  app completions bash > ~/.local/share/bash-completion/completions/app
  app completions zsh > ~/.zfunc/_app          with fpath+=~/.zfunc in ~/.zshrc
  app completions fish > ~/.config/fish/completions/app.fish";

/// What `completions` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct CompletionsArguments {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::described(), "app", &mut script);
    print(&script)?;
    Ok(ExitCode::SUCCESS)
}
