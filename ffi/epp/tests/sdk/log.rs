//! The host's log, for each instance its own, until the instance is destroyed.
use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;

use epp::sys;

use crate::host::{HOST, Instance, request};

type Lines = Mutex<Vec<(u32, String)>>;

unsafe extern "C" fn log(context: *mut c_void, level: u32, text: *const c_char) {
    // SAFETY: the context is a mutex as below, and the text NUL-terminated.
    unsafe {
        let lines = &*context.cast::<Lines>();
        lines.lock().unwrap().push((level, CStr::from_ptr(text).to_str().unwrap().to_owned()));
    }
}

fn host(lines: &Lines) -> sys::Host {
    sys::Host { context: std::ptr::from_ref(lines).cast_mut().cast(), log: Some(log), ..HOST.0 }
}

#[test]
fn every_instance_writes_to_its_own_host_to_the_end() {
    let (ones, others) = (Lines::default(), Lines::default());
    let (one, other) = (host(&ones), host(&others));
    let make = |host| Instance::from_request(&sys::Create { host, ..request(c"plain", c"{}") }).unwrap();
    let first = make(&one);
    let second = make(&other);
    drop(first);
    let expected = [(sys::LOG_WARNING, "plain  indeed".to_owned()), (sys::LOG_DEBUG, "the end".to_owned())];
    assert_eq!(*ones.lock().unwrap(), expected);
    assert_eq!(*others.lock().unwrap(), expected[..1]);
    drop(second);
    assert_eq!(*others.lock().unwrap(), expected);
}

#[test]
fn the_request_reaches_the_author() {
    let lines = Lines::default();
    let host = host(&lines);
    let folder = c"/some/where";
    let config = c"{\"file\": \"a.xml\"}";
    let request =
        sys::Create { host: &host, folder: folder.as_ptr(), threads: 3, ..request(c"chain", config) };
    drop(Instance::from_request(&request).unwrap());
    let absolute = c"{\"file\": \"/b.xml\"}";
    drop(Instance::from_request(&sys::Create { config_json: absolute.as_ptr(), ..request }).unwrap());
    drop(Instance::from_request(&sys::Create { folder: std::ptr::null(), ..request }).unwrap());
    let texts: Vec<String> = lines.lock().unwrap().iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(texts, ["/some/where/a.xml", "/b.xml", "a.xml"].map(|path| format!("{path} with 3 threads")));
}
