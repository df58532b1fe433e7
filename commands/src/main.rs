//! `abstractgateway`.

fn main() -> std::process::ExitCode {
    commands::gateway()
}
