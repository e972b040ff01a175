//! Analytic energy plugins with known partition functions.
