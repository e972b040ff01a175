//! `libfreeland.so`: the functions of `freeland.h`, over `freeland-loader`.

mod arguments;
mod edge;
mod error;
mod exports;
mod handle;
mod own_folder;
