//! The type of a stream with a reported mistake, so that later uses of the command cause no further errors.

use super::{Alongside, HandlePieces, Kept, Piped, Returned, Served, Stream, Unattended, sealed};
use std::io::{PipeReader, PipeWriter};
use std::marker::PhantomData;
use std::os::fd::OwnedFd;
use std::str::Utf8Error;

/// A stream of kind `Kind` that every method accepts.
#[derive(Debug)]
pub struct Mistaken<Kind>(PhantomData<Kind>);

impl<Kind> sealed::Sealed for Mistaken<Kind> {}

impl<Kind: Stream> Stream for Mistaken<Kind> {
    type Captured = Kind::Captured;
    type View = Kind::View;
    type Handler = Kind::Handler;
    type Writer = Kind::Writer;
    type Reader = Kind::Reader;

    fn captured(bytes: Vec<u8>) -> Result<Kind::Captured, (Vec<u8>, Utf8Error)> {
        Kind::captured(bytes)
    }

    fn view(captured: &Kind::Captured) -> &Kind::View {
        Kind::view(captured)
    }

    fn into_bytes(captured: Kind::Captured) -> Vec<u8> {
        Kind::into_bytes(captured)
    }

    fn bytes(captured: &Kind::Captured) -> Option<&[u8]> {
        Kind::bytes(captured)
    }

    fn pieces(handler: &mut Kind::Handler) -> Option<&mut dyn HandlePieces> {
        Kind::pieces(handler)
    }

    fn writer(end: Option<OwnedFd>) -> Kind::Writer {
        Kind::writer(end)
    }

    fn reader(end: Option<OwnedFd>) -> Kind::Reader {
        Kind::reader(end)
    }
}

#[diagnostic::do_not_recommend]
impl<Kind: Stream> Served for Mistaken<Kind> {}
#[diagnostic::do_not_recommend]
impl<Kind: Stream> Unattended for Mistaken<Kind> {}
#[diagnostic::do_not_recommend]
impl<Kind: Stream> Alongside for Mistaken<Kind> {}
#[diagnostic::do_not_recommend]
impl<Kind: Stream> Kept for Mistaken<Kind> {}
#[diagnostic::do_not_recommend]
impl<Kind: Returned> Returned for Mistaken<Kind> {}
#[diagnostic::do_not_recommend]
impl<Kind> Piped for Mistaken<Kind> where Kind: Piped + Stream<Writer = Option<PipeWriter>, Reader = Option<PipeReader>> {}
