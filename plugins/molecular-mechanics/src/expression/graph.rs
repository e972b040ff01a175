//! Expressions as a graph in which equal parts are one node.
use super::operator::{Binary, Unary, integer_power};
use super::table::Table;
use std::collections::HashMap;
use std::sync::Arc;

/// A node of a [`Graph`]. What a node is made of has smaller numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, by its bits.
    Constant(u64),
    /// The variable of this number.
    Variable(u32),
    /// A function of one node.
    Unary(Unary, Id),
    /// A function of two.
    Binary(Binary, Id, Id),
    /// A whole power by repeated multiplication.
    Power(Id, i32),
    /// The second where the first is not zero, else the third.
    Select(Id, Id, Id),
    /// A tabulated function, or its derivative by one argument. Places that it does not use repeat the first argument.
    Table {
        /// Which.
        table: u32,
        /// By which argument.
        derivative: Option<u8>,
        /// Arguments.
        arguments: [Id; 3],
    },
}

impl Node {
    /// The nodes that it is made of.
    pub fn children(&self) -> impl Iterator<Item = Id> + use<> {
        let (children, count) = match *self {
            Node::Constant(_) | Node::Variable(_) => ([Id(0); 3], 0),
            Node::Unary(_, a) | Node::Power(a, _) => ([a; 3], 1),
            Node::Binary(_, a, b) => ([a, b, b], 2),
            Node::Select(a, b, c) => ([a, b, c], 3),
            Node::Table { arguments, .. } => (arguments, 3),
        };
        children.into_iter().take(count)
    }
}

/// Nodes in an order in which every node comes after what it is made of.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    ids: HashMap<Node, Id>,
    pub(super) tables: Vec<Arc<Table>>,
}

impl Id {
    /// Its place among the nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Graph {
    /// An empty graph that knows these tabulated functions.
    pub fn new(tables: Vec<Arc<Table>>) -> Self {
        Self { tables, ..Self::default() }
    }

    /// What a node is.
    pub fn node(&self, id: Id) -> Node {
        self.nodes[id.index()]
    }

    /// The tabulated functions.
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// The node, which is new unless there is an equal one. The order of a sum or product does not count.
    pub(super) fn push(&mut self, node: Node) -> Id {
        let node = match node {
            Node::Binary(operator @ (Binary::Add | Binary::Multiply), a, b) if b < a => {
                Node::Binary(operator, b, a)
            }
            node => node,
        };
        if let Some(&id) = self.ids.get(&node) {
            return id;
        }
        let id = Id(u32::try_from(self.nodes.len()).expect("a text has fewer parts than 2^32"));
        self.nodes.push(node);
        self.ids.insert(node, id);
        id
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> Id {
        self.push(Node::Constant(value.to_bits()))
    }

    /// A variable by its number.
    pub fn variable(&mut self, index: u32) -> Id {
        self.push(Node::Variable(index))
    }

    /// The number that a node is, if it is one.
    pub fn as_constant(&self, id: Id) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// Every node that `roots` are made of, they included, in order.
    pub fn reachable(&self, roots: &[Id]) -> Vec<Id> {
        let mut wanted = vec![false; self.nodes.len()];
        for root in roots {
            wanted[root.index()] = true;
        }
        for index in (0..self.nodes.len()).rev() {
            if wanted[index] {
                for child in self.nodes[index].children() {
                    wanted[child.index()] = true;
                }
            }
        }
        (0..self.nodes.len()).filter(|&index| wanted[index]).map(|index| Id(index as u32)).collect()
    }

    /// The value of one node whose parts have `values`.
    pub(super) fn value(&self, node: Node, variables: &[f64], values: &[f64]) -> f64 {
        let of = |id: Id| values[id.index()];
        match node {
            Node::Constant(bits) => f64::from_bits(bits),
            Node::Variable(index) => variables[index as usize],
            Node::Unary(operator, a) => operator.at(of(a)),
            Node::Binary(operator, a, b) => operator.at(of(a), of(b)),
            Node::Power(a, power) => integer_power(of(a), power),
            Node::Select(a, b, c) => {
                if of(a) != 0.0 {
                    of(b)
                } else {
                    of(c)
                }
            }
            Node::Table { table, derivative, arguments } => {
                self.tables[table as usize].at(arguments.map(of), derivative)
            }
        }
    }

    /// Values of all nodes of `order` (as [`Graph::reachable`] gives it), by node.
    pub(super) fn values(&self, order: &[Id], variables: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.nodes.len()];
        for &id in order {
            values[id.index()] = self.value(self.node(id), variables, &values);
        }
        values
    }

    /// The value of a node.
    pub fn evaluate(&self, root: Id, variables: &[f64]) -> f64 {
        self.values(&self.reachable(&[root]), variables)[root.index()]
    }
}
