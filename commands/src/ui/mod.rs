//! Everything a command says goes through here: data to stdout, talk to stderr, questions to the terminal.
//!
//! May not know: operations, the network. Invariants: nothing but data reaches stdout; a reader that left is success;
//! without a terminal nothing asks, nothing moves; the text reads the same without colour.

mod show;
mod text;
mod yaml;

use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};

use crate::failure::{Exit, Failure};

pub(crate) use show::{Format, Shown};
pub(crate) use text::{clip, details, one_line, pretty, sentence, table};
pub(crate) use yaml::write as yaml;

/// The way to the person, or to the program, that called us.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    /// How data is written.
    pub(crate) format: Format,
    /// No talk but errors.
    pub(crate) quiet: bool,
    /// Whether questions may be asked.
    pub(crate) interactive: bool,
    /// Every confirmation is given.
    pub(crate) yes: bool,
}

impl Ui {
    /// Asks only where somebody can read the question and answer it.
    pub(crate) fn new(format: Format, quiet: bool, no_input: bool, yes: bool) -> Self {
        let interactive = !no_input && io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { format, quiet, interactive, yes }
    }

    /// Writes a value in the chosen format.
    pub(crate) fn show(&self, shown: &Shown) -> Result<(), Failure> {
        self.data(&shown.written(self.format))
    }

    /// Writes data and a line end to stdout at once.
    #[expect(clippy::unused_self, reason = "all output goes through a Ui, so that tests can see who speaks")]
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        let written = if text.ends_with('\n') || text.is_empty() {
            stdout.write_all(text.as_bytes())
        } else {
            writeln!(stdout, "{text}")
        };
        written.and_then(|()| stdout.flush()).map_err(|e| match e.kind() {
            io::ErrorKind::BrokenPipe => Failure::reader_left(),
            _ => Failure::new("the output could not be written").why(e),
        })
    }

    /// A sentence beside the data.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Something to look at that stops nothing.
    pub(crate) fn warn(&self, text: &str) {
        let style = AnsiColor::Yellow.on_default().bold();
        talk(&format!("{style}warning:{style:#} {text}"));
    }

    /// Asks yes or no. Without a terminal the answer must come with `--yes`.
    pub(crate) fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !self.interactive {
            return Err(Failure::new("this needs a confirmation, and nobody can be asked here")
                .why(question)
                .help("repeat the command with --yes")
                .exit(Exit::Usage));
        }
        let agreed = dialoguer::Confirm::new().with_prompt(question).default(false).interact().map_err(unasked)?;
        if agreed { Ok(()) } else { Err(Failure::new("nothing was changed").why("the question was answered with no")) }
    }

    /// Asks yes or no where both answers are welcome.
    #[expect(clippy::unused_self, reason = "all questions go through a Ui")]
    pub(crate) fn ask_yes_no(&self, question: &str) -> Result<bool, Failure> {
        dialoguer::Confirm::new().with_prompt(question).interact().map_err(unasked)
    }

    /// Asks for a line of text.
    #[expect(clippy::unused_self, reason = "all questions go through a Ui")]
    pub(crate) fn ask_text(&self, question: &str) -> Result<String, Failure> {
        dialoguer::Input::new().with_prompt(question).allow_empty(true).interact_text().map_err(unasked)
    }

    /// Asks for one of several answers; the place of the chosen one.
    #[expect(clippy::unused_self, reason = "all questions go through a Ui")]
    pub(crate) fn ask_choice(&self, question: &str, choices: &[String]) -> Result<usize, Failure> {
        dialoguer::Select::new().with_prompt(question).items(choices).default(0).interact().map_err(unasked)
    }

    /// A spinner on stderr while something takes its time; invisible without a terminal.
    pub(crate) fn busy(&self, what: &str) -> indicatif::ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        bar
    }

    /// A bar on stderr while a counted number of things is done; invisible without a terminal.
    pub(crate) fn counted(&self, what: &str) -> indicatif::ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        let bar = indicatif::ProgressBar::new(0).with_message(what.to_owned());
        style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
    }
}

fn unasked(error: dialoguer::Error) -> Failure {
    let dialoguer::Error::IO(cause) = &error;
    if cause.kind() == io::ErrorKind::Interrupted {
        // The question hid the cursor and was left without showing it again.
        let _ = dialoguer::console::Term::stderr().show_cursor();
        talk("");
        return Failure::interrupted();
    }
    Failure::new("the question could not be asked").why(error).help("repeat the command with --no-input")
}

/// Tells why the command stopped: `error: what`, `  why`, `  help: command`.
pub(crate) fn tell(failure: &Failure) {
    if !failure.what.is_empty() {
        talk(&failure_text(failure, AnsiColor::Red.on_default().bold()));
    }
}

fn failure_text(failure: &Failure, style: Style) -> String {
    let mut text = format!("{style}error:{style:#} {}", sentence(&failure.what));
    for why in &failure.why {
        text.push_str(&format!("\n  {}", sentence(why)));
    }
    if let Some(help) = &failure.help {
        text.push_str(&format!("\n  help: {help}"));
    }
    text
}

/// Talk is lost when nobody listens: that must not stop the work.
fn talk(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_why_and_help() {
        let failure =
            Failure::new("port 8080 is in use").why("address already in use").help("abstractgateway serve --port 8081");
        assert_eq!(
            failure_text(&failure, Style::new()),
            "error: port 8080 is in use\n  address already in use\n  help: abstractgateway serve --port 8081"
        );
        assert_eq!(failure_text(&Failure::new("no"), Style::new()), "error: no");
    }

    #[test]
    fn without_a_terminal_a_confirmation_needs_yes() {
        let mut ui = Ui { format: Format::Table, quiet: false, interactive: false, yes: false };
        assert_eq!(ui.confirm("Delete it?").map_err(|f| f.exit), Err(Exit::Usage));
        ui.yes = true;
        assert_eq!(ui.confirm("Delete it?"), Ok(()));
    }
}
