//! Completions and manual pages, from the tree of commands.
//!
//! May not know: what commands do. Invariant: what is committed under `completions/` and `man/` is what this writes; a
//! test compares.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{ConfigRoot, Root};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Print the completions of a shell
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  abstractgateway completions bash > ~/.local/share/bash-completion/completions/abstractgateway"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
    /// Complete `abstractgateway-config` instead
    #[arg(long)]
    pub(crate) for_config: bool,
}

/// Write the manual pages to a folder
#[derive(clap::Args, Debug)]
pub(crate) struct ManArgs {
    /// The folder; made when missing
    #[arg(default_value = "man")]
    pub(crate) dir: PathBuf,
}

/// Prints completions.
pub(crate) fn completions(context: &Context, args: &CompletionsArgs) -> Result<Exit, Failure> {
    context.ui.data(&completion_text(args.shell, args.for_config))?;
    Ok(Exit::Success)
}

fn completion_text(shell: Shell, for_config: bool) -> String {
    let mut command = if for_config { ConfigRoot::command() } else { Root::command() };
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes manual pages.
pub(crate) fn man(context: &Context, args: &ManArgs) -> Result<Exit, Failure> {
    let unwritable = |e: std::io::Error| {
        Failure::new(format!("the manual pages could not be written to {}", args.dir.display())).why(e)
    };
    std::fs::create_dir_all(&args.dir).map_err(unwritable)?;
    let pages = man_pages().map_err(unwritable)?;
    for (name, page) in &pages {
        std::fs::write(args.dir.join(name), page).map_err(unwritable)?;
    }
    context.ui.note(&format!("wrote {} pages to {}", pages.len(), args.dir.display()));
    Ok(Exit::Success)
}

/// A page a command, by file name.
fn man_pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = Root::command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    collect(&root, "abstractgateway", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    // clap wants a name for ever, and a page has the name of its command with dashes.
    let page_name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone().name(page_name).display_name(page_name)).date("").render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn committed(folder: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)
    }

    #[test]
    fn completions_are_current() {
        for (shell, for_config, file) in [
            (Shell::Bash, false, "abstractgateway.bash"),
            (Shell::Zsh, false, "abstractgateway.zsh"),
            (Shell::Fish, false, "abstractgateway.fish"),
            (Shell::Bash, true, "abstractgateway-config.bash"),
            (Shell::Zsh, true, "abstractgateway-config.zsh"),
            (Shell::Fish, true, "abstractgateway-config.fish"),
        ] {
            let text = std::fs::read_to_string(committed("completions").join(file)).unwrap_or_default();
            let flag = if for_config { " --for-config" } else { "" };
            assert!(
                text == completion_text(shell, for_config),
                "completions/{file} is old; refresh it with: \
                 cargo run -p abstractgateway -- completions {shell}{flag} > completions/{file}"
            );
        }
    }

    #[test]
    fn manual_pages_are_current() {
        let pages = man_pages().unwrap();
        for (name, page) in &pages {
            let text = std::fs::read(committed("man").join(name)).unwrap_or_default();
            assert!(&text == page, "man/{name} is old; refresh it with: cargo run -p abstractgateway -- man man");
        }
        for entry in std::fs::read_dir(committed("man")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = !name.ends_with(".1") || pages.iter().any(|(page, _)| *page == name);
            assert!(known, "man/{name} describes no command any more; remove it");
        }
    }
}
