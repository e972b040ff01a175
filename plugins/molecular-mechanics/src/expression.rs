//! The expressions of OpenMM's custom forces: text, graph, derivatives, and programs over lanes.
//!
//! Grammar, simplifications and derivatives are those of Lepton, OpenMM's own parser, so that kinks, and places where a
//! rule such as `0 x = 0` hides an infinity, come out the same. An expression is a graph in which equal parts are one node:
//! [`parse`] makes it, `simplify` holds the rules that every new node goes through, [`Graph::derivative`] adds derivatives, and
//! a [`Program`] runs it for many configurations at once.
mod differentiate;
mod function;
mod graph;
mod operator;
mod parse;
mod program;
#[cfg(test)]
mod random;
mod scope;
mod simplify;
mod table;
mod token;

pub use function::Function;
pub use graph::{Graph, Id, Node};
pub use operator::{Binary, Unary};
pub use parse::{ExpressionError, parse};
pub use program::Program;
pub use scope::Scope;
pub use table::{Spline, Table, TableError};
