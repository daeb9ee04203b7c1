//! Each sink against a model of it: random bounds, lengths and splits, for streams that end.

use super::{Reader, Trouble};
use crate::secret::Secrets;
use crate::stdio::{BoxedError, HandlePieces};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::Write;
use std::os::fd::OwnedFd;

/// A generator that yields the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// A bound, often one at which behaviour changes.
    fn bound(&mut self, length: usize) -> usize {
        match self.below(10) {
            0 => 0,
            1 => 1,
            2 => usize::MAX,
            3 => usize::MAX - 1,
            4 => isize::MAX as usize,
            5 => length,
            6 => length + 1,
            7 => length.saturating_sub(1),
            8 => 1 << (self.below(60) + 1),
            _ => self.below(2 * length + 2),
        }
    }

    /// A few bytes, many, or as many as a pipe holds.
    fn bytes(&mut self) -> Vec<u8> {
        let length = match self.below(4) {
            0 => self.below(20),
            1 => 65_536 + self.below(3) - 1,
            2 => self.below(9000),
            _ => self.below(300_000),
        };
        let ends_often = self.below(60) + 1;
        (0..length).map(|_| if self.below(ends_often) == 0 { b'\n' } else { b'a' + self.below(26) as u8 }).collect()
    }
}

/// Writes `bytes` in pieces of random length, and lets `reader` read between them.
fn served(random: &mut Random, bytes: &[u8], mut write: impl Write, reader: &mut Reader<'_>) {
    let mut rest = bytes;
    while !rest.is_empty() && reader.is_open() {
        // One read takes more than this, so the pipe is never full.
        let cut = [random.below(10) + 1, random.below(4096) + 1][random.below(2)].min(rest.len());
        write.write_all(&rest[..cut]).expect("the pipe takes it");
        rest = &rest[cut..];
        while reader.is_open() && random.below(3) > 0 {
            reader.read(&|| false);
        }
        if reader.is_open() {
            reader.read(&|| false);
        }
    }
    drop(write);
    if random.below(2) == 0 {
        reader.take_what_is_there(&|| false);
    }
    while reader.is_open() {
        reader.read(&|| false);
    }
    reader.finish(&|| false);
}

fn pipe() -> (OwnedFd, std::io::PipeWriter) {
    let (read, write) = std::io::pipe().expect("a pipe");
    fcntl(&read, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("it takes the flag");
    (read.into(), write)
}

fn end_of(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len().saturating_sub(4096)..]
}

fn no_secrets() -> Secrets {
    Secrets::default()
}

#[test]
fn a_returned_stream_is_whole_or_over_its_bound() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..300 {
        let bytes = random.bytes();
        let max = random.bound(bytes.len());
        let (read, write) = pipe();
        let mut reader = Reader::returned("stdout", read, max, &no_secrets());
        served(&mut random, &bytes, write, &mut reader);
        let kept = bytes.len().min(max);
        assert_eq!(reader.max(), max);
        let is_over = matches!(reader.take_trouble(), Some(Trouble::OverLimit));
        assert_eq!(is_over, bytes.len() > max, "round {round}: {} bytes, at most {max}", bytes.len());
        assert!(end_of(&bytes).ends_with(&reader.take_tail()), "round {round}");
        assert!(reader.take_bytes() == bytes[..kept], "round {round}: {} bytes, at most {max}", bytes.len());
    }
}

#[test]
fn a_stored_stream_is_whole_or_over_its_bound() {
    let mut random = Random(0x0123_4567_89ab_cdef);
    for round in 0..200 {
        let bytes = random.bytes();
        let max = random.bound(bytes.len());
        let file = crate::fd::memory::unsealed(&bytes).expect("a file in memory");
        let mut reader = Reader::stored("stdout", file, max, &no_secrets());
        assert!(!reader.is_open());
        reader.finish(&|| false);
        let is_over = matches!(reader.take_trouble(), Some(Trouble::OverLimit));
        assert_eq!(is_over, bytes.len() > max, "round {round}: {} bytes, at most {max}", bytes.len());
        assert!(end_of(&bytes).ends_with(&reader.take_tail()), "round {round}");
        assert!(reader.take_bytes() == bytes[..bytes.len().min(max)], "round {round}");
    }
}

#[test]
fn of_a_logged_stream_the_end_is_kept() {
    let mut random = Random(0xfeed_face_cafe_beef);
    for round in 0..200 {
        let bytes = random.bytes();
        let (read, write) = pipe();
        let mut reader = Reader::logged("stderr", read, None, &no_secrets());
        served(&mut random, &bytes, write, &mut reader);
        assert!(reader.take_trouble().is_none() && reader.take_bytes().is_empty());
        assert!(reader.take_tail() == end_of(&bytes), "round {round}");
    }
}

/// Stores every piece, and fails at the piece with this number.
struct Kept {
    pieces: Vec<Vec<u8>>,
    fails_at: usize,
}

impl HandlePieces for Kept {
    fn separator(&self) -> u8 {
        b'\n'
    }

    fn is_patient(&self) -> bool {
        true
    }

    fn piece(&mut self, piece: &[u8]) -> Result<(), BoxedError> {
        if self.pieces.len() == self.fails_at {
            return Err("enough".into());
        }
        self.pieces.push(piece.to_vec());
        Ok(())
    }
}

#[test]
fn each_piece_is_handed_out_or_the_first_trouble_is_told() {
    let mut random = Random(0x5555_aaaa_1234_8765);
    for round in 0..300 {
        let bytes = random.bytes();
        let mut pieces: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        pieces.pop_if(|last| last.is_empty());
        let longest = pieces.iter().map(|piece| piece.len()).max().unwrap_or(0);
        let max = random.bound(longest);
        let fails_at = if random.below(4) == 0 { random.below(pieces.len() + 1) } else { usize::MAX };
        let too_long = pieces.iter().position(|piece| piece.len() > max).unwrap_or(usize::MAX);
        let (read, write) = pipe();
        let mut kept = Kept { pieces: Vec::new(), fails_at };
        let mut reader = Reader::in_pieces("stdout", read, max, &mut kept, &no_secrets());
        served(&mut random, &bytes, write, &mut reader);
        let said = match reader.take_trouble() {
            Some(Trouble::Callback(error)) => Some(error.to_string()),
            Some(_) => panic!("round {round}: another trouble"),
            None => None,
        };
        let expected = match fails_at.min(too_long) {
            at if at >= pieces.len() => None,
            at if at == too_long => Some(format!("a piece is longer than {max} bytes")),
            _ => Some("enough".to_owned()),
        };
        assert_eq!(said, expected, "round {round}: {} pieces, at most {max}", pieces.len());
        assert!(kept.pieces == pieces[..pieces.len().min(fails_at).min(too_long)], "round {round}");
    }
}
