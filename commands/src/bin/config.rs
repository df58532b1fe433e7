//! `abstractgateway-config`: becomes the `abstractgateway` beside it, under this name. The program itself is there once.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

#[expect(clippy::print_stderr, reason = "there is no other way to say that the program is missing")]
fn main() -> ExitCode {
    let failed = match std::env::current_exe() {
        Ok(own) => {
            let program = own.with_file_name("abstractgateway");
            let name: &OsStr = "abstractgateway-config".as_ref();
            let error = Command::new(&program).arg0(name).args(std::env::args_os().skip(1)).exec();
            format!("{} cannot be run: {error}", program.display())
        }
        Err(error) => format!("this program cannot tell where it is: {error}"),
    };
    eprintln!("error: {failed}\n  help: install both programs into one folder: ./install.sh");
    ExitCode::FAILURE
}
