//! The log, on stderr.

use tracing_subscriber::EnvFilter;

/// What `FREELAND_LOG` says (as `RUST_LOG` elsewhere), or warnings, or more with each `--verbose`.
pub fn start(verbose: u8) {
    let default = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("FREELAND_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).without_time().init();
}
