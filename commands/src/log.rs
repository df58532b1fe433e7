//! The log of the process, on stderr: `07:28:20 [ERROR] service::runs: message field=value`.
//!
//! May not know: who logs. Invariant: a healthy server at the default level says nothing.

use std::fmt;

use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// Starts the log at the level of the settings, or deeper with `-v` (info) and `-vv` (debug).
pub(crate) fn start(level: &str, verbose: u8) {
    let level = match verbose {
        0 => filter(level),
        1 => filter(level).max(LevelFilter::INFO),
        _ => filter(level).max(LevelFilter::DEBUG),
    };
    // Libraries talk a lot below warning; our own words are what an operator asked for.
    let quiet = level.min(LevelFilter::WARN);
    let filter = tracing_subscriber::EnvFilter::new(
        ["hyper", "reqwest", "rustls", "warp", "h2", "tower"]
            .iter()
            .fold(level.to_string(), |all, noisy| format!("{all},{noisy}={quiet}")),
    );
    // A second start in one process, as in tests, keeps the first log.
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        .event_format(Line)
        .try_init();
}

fn filter(level: &str) -> LevelFilter {
    match level.trim().to_ascii_uppercase().as_str() {
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARNING" | "WARN" => LevelFilter::WARN,
        "NONE" | "OFF" => LevelFilter::OFF,
        _ => LevelFilter::ERROR,
    }
}

struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let seconds = std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_secs()) % 86_400;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let level = match *event.metadata().level() {
            tracing::Level::WARN => "WARNING",
            other => other.as_str(),
        };
        write!(out, "{hour:02}:{minute:02}:{second:02} [{level}] {}: ", event.metadata().target())?;
        ctx.format_fields(out.by_ref(), event)?;
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_pythons_words() {
        for (word, level) in [
            ("debug", LevelFilter::DEBUG),
            (" INFO ", LevelFilter::INFO),
            ("WARNING", LevelFilter::WARN),
            ("CRITICAL", LevelFilter::ERROR),
            ("NONE", LevelFilter::OFF),
            ("loud", LevelFilter::ERROR),
        ] {
            assert_eq!(filter(word), level, "{word}");
        }
    }
}
