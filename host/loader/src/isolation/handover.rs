//! How the host hands a worker the file of its buffers: a descriptor that travels over the socket between them.

use std::io::{Error, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Sends `file`, and for how many configurations it has room.
pub(super) fn hand_over(to: &UnixStream, capacity: usize, file: &OwnedFd) -> std::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(ErrorKind::OutOfMemory.into());
    }
    let text = (capacity as u64).to_le_bytes();
    let sent = sendmsg(to, &[IoSlice::new(&text)], &mut control, SendFlags::NOSIGNAL)?;
    if sent == text.len() { Ok(()) } else { Err(ErrorKind::WriteZero.into()) }
}

/// Waits for what [`hand_over`] sends; an error where the host is gone.
pub(super) fn take_over(from: &UnixStream) -> std::io::Result<(usize, OwnedFd)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut text = [0; size_of::<u64>()];
    let received = loop {
        match recvmsg(from, &mut [IoSliceMut::new(&mut text)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(rustix::io::Errno::INTR) => {}
            received => break received?.bytes,
        }
    };
    let file = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    match file {
        Some(file) if received == text.len() => {
            let capacity = usize::try_from(u64::from_le_bytes(text)).map_err(Error::other)?;
            Ok((capacity, file))
        }
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_file_and_a_number_arrive_and_an_end_is_an_error() {
        let (host, worker) = UnixStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        file.set_len(77).unwrap();
        hand_over(&host, 5, &file.into()).unwrap();
        let (capacity, file) = take_over(&worker).unwrap();
        assert_eq!((capacity, File::from(file).metadata().unwrap().len()), (5, 77));
        drop(host);
        assert_eq!(take_over(&worker).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
