//! `freeland --version`

use std::io::Write;

use epp::sys::{ABI_MAJOR, ABI_MINOR};

use crate::outcome::Outcome;

/// One line per part.
pub fn print(stdout: &mut dyn Write) -> anyhow::Result<Outcome> {
    writeln!(stdout, "freeland {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(stdout, "epp {ABI_MAJOR}.{ABI_MINOR}")?;
    #[cfg(feature = "science")]
    {
        let version = option_env!("FREELAND_LIBTORCH_VERSION").unwrap_or("(of unknown version)");
        // A call into the library: this line is printed only where it could be loaded.
        writeln!(stdout, "libtorch {version}, {} threads", tch::get_num_threads())?;
    }
    #[cfg(not(feature = "science"))]
    writeln!(stdout, "without libtorch")?;
    Ok(Outcome::Good)
}
