//! A host of a few lines: what C would do with the entry.
use std::ffi::{CStr, CString};
use std::mem::size_of;

use epp::sys;

#[cfg(not(miri))]
unsafe extern "C" {
    #[link_name = "epp_plugin_entry"]
    static ENTRY: sys::Entry;
}

/// The entry that `export_plugin!` made.
#[cfg(not(miri))]
pub fn entry() -> sys::Entry {
    // SAFETY: defined by export_plugin! in this program, never written.
    unsafe { ENTRY }
}

/// The same entry, put together by hand: Miri does not look for data by the linker's names.
#[cfg(miri)]
pub fn entry() -> sys::Entry {
    use crate::plugin::{Chain, Panicking, Plain, Spins};
    use epp::sdk::edge::{Factory, Library, Plugin};

    struct Exported;
    impl Plugin for Exported {
        fn library() -> &'static Library {
            static LIBRARY: Library = Library::new(&[
                Factory::of::<Chain>(),
                Factory::of::<Panicking>(),
                Factory::of::<Plain>(),
                Factory::of::<Spins>(),
            ]);
            &LIBRARY
        }
    }
    epp::sdk::edge::entry::<Exported>()
}

/// A code and the sentence that came with it.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub code: i32,
    pub text: String,
}

/// Runs `f` with an error buffer of 512 bytes.
pub fn call(f: impl FnOnce(*mut sys::Error) -> i32) -> Result<(), Refusal> {
    let mut text = [0x55_u8; 512];
    let size = size_of::<sys::Error>() as u64;
    let mut error =
        sys::Error { struct_size: size, text: text.as_mut_ptr().cast(), capacity: text.len() as u64 };
    match f(&raw mut error) {
        sys::OK => Ok(()),
        code => {
            let text = CStr::from_bytes_until_nul(&text).unwrap().to_str().unwrap().to_owned();
            Err(Refusal { code, text })
        }
    }
}

/// A host without a log.
pub static HOST: Shared<sys::Host> = Shared(sys::Host {
    struct_size: size_of::<sys::Host>() as u64,
    abi_major: sys::ABI_MAJOR,
    abi_minor: sys::ABI_MINOR,
    name: c"a test".as_ptr(),
    version: c"0.1.2".as_ptr(),
    context: std::ptr::null_mut(),
    log: None,
    extension: None,
});

/// Pointers in it lead to what nobody changes.
pub struct Shared<T>(pub T);
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> {}

/// A request for this potential, with nothing but a host.
pub fn request(id: &CStr, config: &CStr) -> sys::Create {
    sys::Create {
        struct_size: size_of::<sys::Create>() as u64,
        id: id.as_ptr(),
        config_json: config.as_ptr(),
        folder: std::ptr::null(),
        topology: std::ptr::null(),
        host: &raw const HOST.0,
        threads: 0,
        required: 0,
    }
}

/// An instance.
pub struct Instance(pub *mut sys::Potential);

impl Instance {
    pub fn create(id: &str, config: &str) -> Result<Self, Refusal> {
        Self::create_with(id, config, None)
    }

    pub fn create_with(id: &str, config: &str, topology: Option<&sys::Topology>) -> Result<Self, Refusal> {
        let (id, config) = (CString::new(id).unwrap(), CString::new(config).unwrap());
        let topology = topology.map_or(std::ptr::null(), std::ptr::from_ref);
        Self::from_request(&sys::Create { topology, ..request(&id, &config) })
    }

    pub fn from_request(request: &sys::Create) -> Result<Self, Refusal> {
        let mut out = std::ptr::null_mut();
        // SAFETY: texts are NUL-terminated, pointers null or ours.
        let outcome = call(|error| unsafe { entry().create.unwrap()(request, &raw mut out, error) });
        assert_eq!(outcome.is_err(), out.is_null(), "out is written exactly on success");
        outcome.map(|()| Self(out))
    }

    /// Another instance, by this one's `derive`.
    pub fn derive(&self, request: &sys::Create) -> Result<Self, Refusal> {
        let (table, mut out) = (self.table(), std::ptr::null_mut());
        // SAFETY: as above.
        let outcome =
            call(|error| unsafe { table.derive.unwrap()(table.self_, request, &raw mut out, error) });
        assert_eq!(outcome.is_err(), out.is_null(), "out is written exactly on success");
        outcome.map(|()| Self(out))
    }

    pub fn table(&self) -> sys::Potential {
        // SAFETY: lives until dropped.
        unsafe { *self.0 }
    }

    pub fn info(&self) -> sys::Info {
        // SAFETY: zero is a value of every struct of the ABI.
        let mut info: sys::Info = unsafe { std::mem::zeroed() };
        info.struct_size = size_of::<sys::Info>() as u64;
        // SAFETY: the struct is ours.
        call(|error| unsafe { self.table().info.unwrap()(self.table().self_, &raw mut info, error) })
            .unwrap();
        info
    }

    pub fn evaluate(&self, batch: &sys::Batch) -> Result<(), Refusal> {
        // SAFETY: tests fill batches with buffers that fit.
        call(|error| unsafe { self.table().evaluate.unwrap()(self.table().self_, batch, error) })
    }

    /// The extension table with this id, null if there is none.
    pub fn extension<T>(&self, id: &str) -> *const T {
        let id = CString::new(id).unwrap();
        // SAFETY: the text is NUL-terminated.
        unsafe { self.table().extension.unwrap()(self.table().self_, id.as_ptr()) }.cast()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: used no more.
        unsafe { self.table().destroy.unwrap()(self.table().self_) }
    }
}

/// Buffers of a batch in f64 with room before, between and after the rows, filled with a canary.
pub struct Buffers {
    pub positions: Vec<f64>,
    pub energies: Vec<f64>,
    pub gradients: Vec<f64>,
    pub statuses: Vec<i32>,
}

pub const CANARY: f64 = -123.456;

impl Buffers {
    /// For `count` configurations, `stride` elements apart.
    pub fn new(count: usize, stride: usize) -> Self {
        Self {
            positions: vec![0.5; count * stride],
            energies: vec![CANARY; count],
            gradients: vec![CANARY; count * stride],
            statuses: vec![-77; count],
        }
    }

    /// Packed positions.
    pub fn packed(positions: &[f64], count: usize) -> Self {
        let mut buffers = Self::new(count, positions.len() / count.max(1));
        buffers.positions.copy_from_slice(positions);
        buffers
    }

    /// A batch over these buffers, packed, that wants everything.
    pub fn batch(&mut self) -> sys::Batch {
        sys::Batch {
            struct_size: size_of::<sys::Batch>() as u64,
            count: self.statuses.len() as u64,
            dtype: sys::DTYPE_F64,
            want: sys::WANT_ENERGY | sys::WANT_GRADIENT,
            positions: self.positions.as_ptr().cast(),
            energies: self.energies.as_mut_ptr(),
            gradients: self.gradients.as_mut_ptr().cast(),
            statuses: self.statuses.as_mut_ptr(),
            ..empty_batch()
        }
    }
}

/// All zero.
pub fn empty_batch() -> sys::Batch {
    // SAFETY: zero is a value of every struct of the ABI.
    unsafe { std::mem::zeroed() }
}

/// A place for an output, packed.
pub fn output(index: u64, data: &mut [f64]) -> sys::Output {
    sys::Output {
        struct_size: size_of::<sys::Output>() as u64,
        index,
        data: data.as_mut_ptr().cast(),
        stride: 0,
        dtype: sys::DTYPE_F64,
        reserved: 0,
    }
}
