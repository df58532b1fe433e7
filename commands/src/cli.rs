//! The tree of commands. Its words are the nouns and verbs of the operations; completions, manual pages and help come
//! from here and nowhere else.
//!
//! May not know: what a command does. Invariant: the verbs of `config` keep the flags of contract 01, section 4.9.

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::failure::EXIT_CODES;
use crate::ui::Format;
use crate::{
    backup, bundles, config, doctor, generate, kg, ledger, migrate, reference, runner, runs, selftest, serve, storage,
    users,
};

/// Host durable runs of AI workflows
///
/// One program is the server and its operator's tool. Commands work on a running server (the local one is found by
/// itself, another is named with --url) or, when none runs, on the local data directory.
#[derive(Debug, Parser)]
#[command(name = "abstractgateway", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Root {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) noun: Noun,
}

/// Show and prepare the configuration of a gateway
///
/// The same as `abstractgateway config`. Without a command it shows the status.
#[derive(Debug, Parser)]
#[command(name = "abstractgateway-config", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct ConfigRoot {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Option<config::Verb>,
}

/// Flags every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Write data as a table, JSON, YAML, or names only
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) output: Format,
    /// The root of all data (default: ABSTRACTGATEWAY_DATA_DIR, then ./runtime)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<String>,
    /// Never ask anything
    #[arg(long, global = true)]
    pub(crate) no_input: bool,
    /// Answer every confirmation with yes
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Say nothing but data and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Log more (can be repeated)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Which server a command talks to.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Server")]
pub(crate) struct Reach {
    /// The gateway to talk to (default: the local one when it runs, else the local data directory)
    #[arg(long, global = true, value_name = "URL", env = "ABSTRACTGATEWAY_URL")]
    url: Option<String>,
    /// The token to show it (default for the local one: the first admin's, when readable)
    #[arg(long, global = true, value_name = "TOKEN", env = "ABSTRACTGATEWAY_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl Reach {
    /// The gateway that was named; an empty variable names none.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref().map(str::trim).filter(|url| !url.is_empty())
    }

    /// The token that was given; an empty variable gives none.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.as_deref().map(str::trim).filter(|token| !token.is_empty()).map(str::to_owned)
    }
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub(crate) enum Noun {
    /// Serve the gateway over HTTP until SIGINT or SIGTERM
    Serve(serve::Args),
    /// Drive runs without listening, beside `serve --no-runner` on the same data
    Runner(runner::Args),
    /// Start, watch and steer runs
    Runs(runs::Args),
    /// Read the ledger of a run
    Ledger(ledger::Args),
    /// Look into the knowledge graph that flows write
    Kg(kg::Args),
    /// Install, show and remove workflow bundles
    Bundles(bundles::Args),
    /// Manage the users of the gateway
    Users(users::Args),
    /// Back up the data directory, check backups, and restore them
    Backup(backup::Args),
    /// Show what the data takes on the disk, and get room back
    Storage(storage::Args),
    /// Show and prepare the configuration
    Config(config::Args),
    /// Take over the runs that the Python gateway kept in files
    Migrate(migrate::Args),
    /// Check that the gateway can work, and say what to do if not
    Doctor(doctor::Args),
    /// Prove on this machine that the gateway keeps its promises
    Selftest(selftest::Args),
    /// Print the completions of a shell
    Completions(generate::CompletionsArgs),
    /// Write the manual pages to a folder
    Man(generate::ManArgs),
    /// Write the reference pages for settings and errors to a folder
    #[command(hide = true)]
    Reference(reference::Args),
}

impl Noun {
    /// Whether the command knows what Ctrl-C means for it.
    pub(crate) const fn ends_itself(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Runner(_) => true,
            Self::Runs(args) => args.watches(),
            _ => false,
        }
    }
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
