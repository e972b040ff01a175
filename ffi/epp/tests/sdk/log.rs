//! The host's log, offered to the plugin between `init` and `deinit`.
use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;

use epp::sys;

use crate::host::{Instance, call, entry};

unsafe extern "C" fn log(context: *mut c_void, level: u32, text: *const c_char) {
    // SAFETY: the context is the mutex below, and the text NUL-terminated.
    unsafe {
        let lines = &*context.cast::<Mutex<Vec<(u32, String)>>>();
        lines.lock().unwrap().push((level, CStr::from_ptr(text).to_str().unwrap().to_owned()));
    }
}

#[test]
fn messages_reach_the_host_until_the_last_deinit() {
    static LINES: Mutex<Vec<(u32, String)>> = Mutex::new(Vec::new());
    // Only this test attaches a host. Plain potentials that other tests make meanwhile add lines of their own.
    let host = sys::Host {
        struct_size: size_of::<sys::Host>() as u64,
        name: c"a test".as_ptr(),
        version: c"0".as_ptr(),
        context: std::ptr::from_ref(&LINES).cast_mut().cast(),
        log: Some(log),
        extension: None,
    };
    let count = || {
        drop(Instance::create("plain", "{}").unwrap());
        LINES.lock().unwrap().len()
    };
    // SAFETY: the host outlives its last deinit.
    let init = || call(|error| unsafe { entry().init.unwrap()(&host, error) }).unwrap();
    // SAFETY: may be called at any time.
    let deinit = || unsafe { entry().deinit.unwrap()() };

    assert_eq!(count(), 0, "no host yet");
    assert_eq!(epp::sdk::host_name(), None);
    init();
    assert_eq!(epp::sdk::host_name().as_deref(), Some("a test"));
    assert!(count() >= 1);
    assert_eq!(LINES.lock().unwrap()[0], (sys::LOG_WARNING, "plain  indeed".to_owned()));
    init();
    deinit();
    let before = LINES.lock().unwrap().len();
    assert!(count() > before, "one init is left");
    deinit();
    let after = LINES.lock().unwrap().len();
    assert_eq!(count(), after, "detached");
    deinit();
    assert_eq!(epp::sdk::host_name(), None, "one deinit too many does nothing");
}
