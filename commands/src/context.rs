//! What every command gets: the way to the person and the settings of the process.
//!
//! May not know: any command. Invariant: flags win over the environment, and nothing else is asked for settings.

use service::Settings;

use crate::cli::Globals;
use crate::failure::Failure;
use crate::ui::Ui;

/// What every command gets.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The way to the person.
    pub(crate) ui: Ui,
    /// The environment and the flags.
    pub(crate) settings: Settings,
    /// Whether the data directory was named on the command line.
    pub(crate) data_dir: Option<String>,
}

impl Context {
    /// Reads the environment once, then the global flags.
    pub(crate) fn new(globals: &Globals) -> Result<Self, Failure> {
        let mut settings = Settings::from_process().map_err(|e| Failure::new("the settings cannot be used").why(e))?;
        if let Some(dir) = &globals.data_dir {
            settings.data_dir = settings.current_dir.join(dir);
        }
        let ui = Ui::new(globals.output, globals.quiet, globals.no_input, globals.yes);
        Ok(Self { ui, settings, data_dir: globals.data_dir.clone() })
    }
}
