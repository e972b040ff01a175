//! The process in which a plugin of a potential with `isolation = "process"` lives. Started by the host, never by hand.

use std::process::ExitCode;

fn main() -> ExitCode {
    freeland_loader::serve_worker()
}
