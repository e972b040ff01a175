//! Progress on stderr, on terminals only.

use std::io::{IsTerminal, Write};

/// One line that is written over and over.
pub struct Bar {
    terminal: bool,
    shown: bool,
}

impl Bar {
    /// Shows nothing yet.
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), shown: false }
    }

    /// So many have ended, of so many, and this one begins.
    pub fn running(&mut self, done: usize, of: usize, check: &str) {
        if self.terminal {
            // A terminal that has gone away is no reason to stop.
            let _ = write!(std::io::stderr(), "\r\x1b[K{done}/{of} {check}");
            let _ = std::io::stderr().flush();
            self.shown = true;
        }
    }

    /// Leaves no trace.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
            let _ = std::io::stderr().flush();
        }
    }
}
