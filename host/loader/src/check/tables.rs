//! The tables of an instance that list something, as C sees them.

use std::ffi::{CStr, c_void};

use epp::sys;

use super::raw::Instance;
use super::verdict::{Finding, failed};
use crate::table::{self, Table};

/// A function that fills a struct `T` with what has an index.
pub(crate) type Describe<T> = unsafe extern "C" fn(*mut c_void, u64, *mut T, *mut sys::Error) -> i32;

/// A function that fills an `epp_topology`.
pub(crate) type TopologyFunction =
    unsafe extern "C" fn(*mut c_void, *mut sys::Topology, *mut sys::Error) -> i32;

/// A table that lists something: how much, and what.
pub(crate) struct Listing<T> {
    pub(crate) count: u64,
    pub(crate) describe: Describe<T>,
}

impl Instance {
    fn listing<A: Table, T>(
        &self,
        id: &CStr,
        functions: impl FnOnce(A) -> (Option<unsafe extern "C" fn(*mut c_void) -> u64>, Option<Describe<T>>),
    ) -> Result<Option<Listing<T>>, Finding> {
        let pointer = self.extension(id).cast::<A>();
        if pointer.is_null() {
            return Ok(None);
        }
        // SAFETY: the table of this id.
        let table = unsafe { table::read(pointer) }.map_err(|problem| failed(problem.to_string()))?;
        let (Some(count), Some(describe)) = functions(table) else {
            return Err(failed(format!("a function of its {} is NULL", A::NAME)));
        };
        // SAFETY: a function of this instance, which this thread may use.
        Ok(Some(Listing { count: unsafe { count(self.self_) }, describe }))
    }

    /// `epp.outputs/1`
    pub(crate) fn outputs(&self) -> Result<Option<Listing<sys::OutputDescription>>, Finding> {
        self.listing(c"epp.outputs/1", |table: sys::OutputsExtension| (table.count, table.describe))
    }

    /// `epp.parameters/1`
    pub(crate) fn parameters(&self) -> Result<Option<Listing<sys::Parameter>>, Finding> {
        self.listing(c"epp.parameters/1", |table: sys::ParametersExtension| (table.count, table.describe))
    }

    /// `epp.topology/1`.
    pub(crate) fn molecule(&self) -> Result<Option<TopologyFunction>, Finding> {
        let pointer = self.extension(c"epp.topology/1").cast::<sys::TopologyExtension>();
        if pointer.is_null() {
            return Ok(None);
        }
        // SAFETY: the table of this id.
        let table = unsafe { table::read(pointer) }.map_err(|problem| failed(problem.to_string()))?;
        let name = "the function `topology` of its epp_topology_extension is NULL";
        table.topology.map(Some).ok_or_else(|| failed(name))
    }

    /// `epp.reference/1`
    pub(crate) fn references(&self) -> Result<Option<Listing<sys::Sample>>, Finding> {
        self.listing(c"epp.reference/1", |table: sys::ReferenceExtension| (table.count, table.sample))
    }
}
