use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::*;

#[test]
fn the_trees_are_sound() {
    Root::command().debug_assert();
    ConfigRoot::command().debug_assert();
}

/// Parses a line; the kind of error when it does not parse.
fn parse(line: &str) -> Result<(), ErrorKind> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[0] {
        "abstractgateway-config" => ConfigRoot::try_parse_from(words).map(|_| ()).map_err(|e| e.kind()),
        _ => Root::try_parse_from(words).map(|_| ()).map_err(|e| e.kind()),
    }
}

#[test]
fn lines_that_are_understood() {
    for line in LINES.lines().filter(|l| !l.trim().is_empty()) {
        assert_eq!(parse(line.trim()), Ok(()), "{line}");
    }
}

const LINES: &str = "
    abstractgateway runs start basic-agent -i prompt=hi -i n=3 --follow
    abstractgateway runs start basic-agent@0.0.1:main --input-file - --session s --idempotency-key k
    abstractgateway runs list --status waiting --limit 500 -o json
    abstractgateway -o yaml runs show r1
    abstractgateway runs --url http://h:1 --token t show r1
    abstractgateway runs show r1 --url http://h:1 --token t -q
    abstractgateway runs cancel r1 --reason enough
    abstractgateway runs explain r1 -o json
    abstractgateway runs history r1 --session --no-subruns --records 0
    abstractgateway runs pause r1
    abstractgateway runs purge-drafts --dry-run
    abstractgateway runs purge-drafts r1 r2 --force --include-active --limit 5 --session s --keep-workspaces --yes
    abstractgateway runs resume r1
    abstractgateway runs resume r1 --answer alice
    abstractgateway runs resume r1 --approve
    abstractgateway runs resume r1 --deny --reason no
    abstractgateway runs resume r1 --payload {}
    abstractgateway ledger tail r1 --after 3
    abstractgateway ledger show r1
    abstractgateway ledger verify r1 --data-dir d
    abstractgateway ledger verify --all -o json
    abstractgateway bundles list --all-versions
    abstractgateway bundles upload x.flow --overwrite --no-reload
    abstractgateway bundles remove basic-agent@0.0.1 --yes
    abstractgateway bundles reload
    abstractgateway users create ada --role admin --role user --email a@b
    abstractgateway users delete ada --tenant t --dry-run
    abstractgateway users rotate ada
    abstractgateway backup create b --workspaces --data-dir d
    abstractgateway backup verify b -o json
    abstractgateway backup restore b --data-dir d
    abstractgateway config
    abstractgateway config init --data-dir d --force
    abstractgateway-config
    abstractgateway-config init --env-file x --no-runner
    abstractgateway completions zsh
    abstractgateway man out
";

#[test]
fn empty_settings_are_none() {
    for (text, expected) in [("", None), (" ", None), ("x", Some("x")), (" x\n", Some("x"))] {
        let reach = Reach { url: Some(text.into()), token: Some(text.into()) };
        assert_eq!((reach.url(), reach.token().as_deref()), (expected, expected), "{text}");
    }
}

/// The lines under `Example:` in the help of a command and of all below it.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let own = help
        .split_once("Example")
        .map(|(_, lines)| lines.lines().skip(1).map(|l| l.trim().to_owned()).collect::<Vec<_>>());
    let below = command.get_subcommands().flat_map(examples);
    own.unwrap_or_default().into_iter().chain(below).collect()
}

/// The words of a line as a shell gives them to a program: settings before it, quotes and a redirection gone.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" > ").next().unwrap_or_default();
    let mut words = vec![String::new()];
    for (i, part) in line.split('"').enumerate() {
        let quoted = i % 2 == 1;
        for (j, piece) in part.split(if quoted { '\n' } else { ' ' }).enumerate() {
            if j > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(piece);
        }
    }
    words.into_iter().skip_while(|word| word.contains('=')).collect()
}

#[test]
fn examples_in_help_are_understood() {
    let lines = examples(&Root::command());
    assert!(lines.len() >= 15, "{lines:?}");
    for line in lines {
        let parsed = Root::try_parse_from(words(&line)).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(parsed, Ok(()), "{line}");
    }
}

#[test]
fn lines_that_are_refused() {
    for (line, kind) in [
        ("abstractgateway", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("abstractgateway --version", ErrorKind::DisplayVersion),
        ("abstractgateway --help", ErrorKind::DisplayHelp),
        ("abstractgateway nonsense", ErrorKind::InvalidSubcommand),
        ("abstractgateway config --json", ErrorKind::UnknownArgument),
        ("abstractgateway-config --json", ErrorKind::UnknownArgument),
        ("abstractgateway-config init --store-backend postgres", ErrorKind::InvalidValue),
        ("abstractgateway runs list --limit 0", ErrorKind::ValueValidation),
        ("abstractgateway runs list --limit 501", ErrorKind::ValueValidation),
        ("abstractgateway runs start b -i nothing", ErrorKind::ValueValidation),
        ("abstractgateway runs resume r1 --approve --deny", ErrorKind::ArgumentConflict),
        ("abstractgateway runs resume r1 --reason x", ErrorKind::MissingRequiredArgument),
        ("abstractgateway runs resume r1 --payload []", ErrorKind::ValueValidation),
        ("abstractgateway ledger verify", ErrorKind::MissingRequiredArgument),
        ("abstractgateway ledger verify r1 --all", ErrorKind::ArgumentConflict),
        ("abstractgateway runs -o xml list", ErrorKind::InvalidValue),
    ] {
        assert_eq!(parse(line), Err(kind), "{line}");
    }
}
