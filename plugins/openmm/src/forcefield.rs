//! placeholder until next commit
use crate::pdb::Pdb;
pub(crate) struct Made {
    pub(crate) xml: String,
    pub(crate) pdb: Pdb,
}
pub(crate) fn make(_files: &[String], _pdb: &str) -> Result<Made, String> {
    Err("not yet".to_owned())
}
