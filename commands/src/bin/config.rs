//! `abstractgateway-config`: the `config` noun of `abstractgateway` as a program of its own.

fn main() -> std::process::ExitCode {
    commands::config()
}
