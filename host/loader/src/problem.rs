//! What can be wrong with what a plugin hands over: texts, structs, descriptions, instances.

use epp::sdk::TopologyError;

use crate::status::Code;

/// What is wrong with a text of a plugin.
#[derive(Debug, thiserror::Error)]
pub enum TextProblem {
    /// A required text.
    #[error("is NULL")]
    Null,
    /// A required text.
    #[error("is empty")]
    Empty,
    /// Not UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// No NUL within 1 MiB.
    #[error("has no end within 1 MiB")]
    TooLong,
}

/// What is wrong with a struct of a plugin.
#[derive(Debug, thiserror::Error)]
pub enum TableProblem {
    /// The pointer is NULL.
    #[error("its {name} is NULL")]
    Null {
        /// The struct, as in the header.
        name: &'static str,
    },
    /// The pointer is not aligned.
    #[error("its {name} is not aligned to 8 bytes")]
    Misaligned {
        /// The struct, as in the header.
        name: &'static str,
    },
    /// `struct_size` is below the minimum, or absurd.
    #[error("its {name} says it has {size} bytes; version 1 has at least {minimum}, a multiple of 8")]
    Size {
        /// The struct, as in the header.
        name: &'static str,
        /// `struct_size`
        size: u64,
        /// The end of the fields that are required.
        minimum: u64,
    },
    /// A function that must be there is NULL.
    #[error("the function `{function}` of its {name} is NULL")]
    NullFunction {
        /// The struct, as in the header.
        name: &'static str,
        /// The field.
        function: &'static str,
    },
}

/// What is wrong with the description of a potential.
#[derive(Debug, thiserror::Error)]
pub enum DescriptorProblem {
    /// The struct itself.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// One of its texts.
    #[error("its {field} {problem}")]
    Text {
        /// The field of `epp_descriptor`.
        field: &'static str,
        /// What is wrong with it.
        problem: TextProblem,
    },
    /// A number that this version does not define: made for a newer host.
    #[error("its {field} is {value}, which this host does not know; use a newer freeland")]
    UnknownValue {
        /// The field of `epp_descriptor`.
        field: &'static str,
        /// What it holds.
        value: u32,
    },
    /// The id is not kebab-case.
    #[error("its id is '{id}'; an id has lower-case letters, digits and hyphens only")]
    Id {
        /// What it says.
        id: String,
    },
    /// Two potentials of one library have the same id.
    #[error("its id '{id}' was given to an earlier potential of the library")]
    Duplicate {
        /// The id.
        id: String,
    },
    /// The schema of the configuration is not JSON.
    #[error("its config_schema_json is not JSON: {reason}")]
    Schema {
        /// What the JSON reader says.
        reason: serde_json::Error,
    },
}

impl DescriptorProblem {
    /// Whether the potential is only of no use to this host, and its neighbours are.
    pub(crate) fn is_of_a_newer_host(&self) -> bool {
        matches!(self, Self::UnknownValue { .. })
    }
}

/// What is wrong with an instance that `create` returned.
#[derive(Debug, thiserror::Error)]
pub enum InstanceProblem {
    /// One of its structs.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// A function failed that has no reason to.
    #[error("its `{function}` fails ({code}): {reason}")]
    Failed {
        /// The function.
        function: &'static str,
        /// What kind of failure.
        code: Code,
        /// What the plugin says.
        reason: String,
    },
    /// A number outside what makes sense.
    #[error("its {field} is {found}, expected {expected}")]
    Value {
        /// The field.
        field: &'static str,
        /// What it holds.
        found: String,
        /// What it may hold.
        expected: String,
    },
    /// A text.
    #[error("its {field} {problem}")]
    Text {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: TextProblem,
    },
    /// Its molecule contradicts itself.
    #[error("its {0}")]
    Topology(TopologyError),
    /// An instance that is bound to a thread could not get one.
    #[error("no thread could be started for it: {0}")]
    Thread(std::io::Error),
    /// It was refused in a worker process.
    #[error("{0}")]
    InWorker(String),
}
