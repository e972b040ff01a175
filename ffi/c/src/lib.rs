//! `libfreeland.so`: the functions of `freeland.h`, over `freeland-loader`.

mod edge;
mod error;
mod exports;
mod facts;
mod given;
mod handle;
mod log;
mod own_folder;
mod request;
mod structs;
