//! The image of the stage: an ELF file with one read-only, executable segment.
//!
//! The code follows the headers, and a record follows the code: the report descriptor, the address of the program's
//! path, and the address of the entries. The data that these addresses refer to follows the record.

use std::ffi::c_int;

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod arch;

/// The length of the code, padded.
const CODE: usize = 256;
const BASE: u64 = 0x40_0000;
const HEADERS: usize = 64 + 2 * 56;
/// A multiple of the page size on every supported architecture.
const ALIGNMENT: u64 = 0x1_0000;

/// One system call of the stage: number, five operands, expected result (or [`ANYTHING`]), and the step and operand
/// that its failure is reported with. The assembly code depends on this layout.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct StageCall {
    pub(super) number: i64,
    pub(super) operands: [u64; 5],
    pub(super) expected: i64,
    pub(super) step: u32,
    pub(super) operand: c_int,
}

pub(super) const ANYTHING: i64 = -1;
/// The number in the last entry, at which the stage executes the program.
pub(super) const EXECUTE: i64 = -1;

/// The image under construction: data first, then the entries.
pub(super) struct Image {
    bytes: Vec<u8>,
    entries: Vec<StageCall>,
    record: usize,
}

impl Image {
    pub(super) fn new() -> Image {
        let mut bytes = vec![0; HEADERS];
        // SAFETY: the assembly pads the function to `CODE` bytes, and code is readable.
        bytes.extend_from_slice(unsafe { std::slice::from_raw_parts(arch::code as *const u8, CODE) });
        let record = bytes.len();
        bytes.extend_from_slice(&[0; 24]);
        Image { bytes, entries: Vec::new(), record }
    }

    /// Appends `data` to the image, and returns its address.
    pub(super) fn put(&mut self, data: &[u8]) -> u64 {
        self.align();
        let address = BASE + self.bytes.len() as u64;
        self.bytes.extend_from_slice(data);
        address
    }

    pub(super) fn push(&mut self, entry: StageCall) {
        self.entries.push(entry);
    }

    /// Completes the image. Failures are written to `report_fd`; `path` is the address of the program's path.
    pub(super) fn finish(mut self, report_fd: i32, path: u64) -> Vec<u8> {
        self.align();
        let entries = BASE + self.bytes.len() as u64;
        for StageCall { number, operands, expected, step, operand } in std::mem::take(&mut self.entries) {
            self.bytes.extend(number.to_ne_bytes());
            self.bytes.extend(operands.into_iter().flat_map(u64::to_ne_bytes));
            self.bytes.extend(expected.to_ne_bytes());
            self.bytes.extend(step.to_ne_bytes());
            self.bytes.extend(operand.to_ne_bytes());
        }
        let record = [report_fd as u64, path, entries].map(u64::to_ne_bytes).concat();
        self.bytes[self.record..self.record + record.len()].copy_from_slice(&record);
        let headers = headers(self.bytes.len() as u64);
        self.bytes[..HEADERS].copy_from_slice(&headers);
        self.bytes
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }
}

/// The ELF headers, see elf(5): one segment that is readable and executable, and a stack that is not executable.
fn headers(size: u64) -> Vec<u8> {
    const EXECUTABLE: u16 = 2;
    const LOAD: u32 = 1;
    const GNU_STACK: u32 = 0x6474_e551;
    const READ_EXECUTE: u32 = 5;
    const READ_WRITE: u32 = 6;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([EXECUTABLE, arch::MACHINE].into_iter().flat_map(u16::to_ne_bytes));
    file.extend(1_u32.to_ne_bytes());
    file.extend([BASE + HEADERS as u64, 64, 0].into_iter().flat_map(u64::to_ne_bytes));
    file.extend(0_u32.to_ne_bytes());
    file.extend([64_u16, 56, 2, 0, 0, 0].into_iter().flat_map(u16::to_ne_bytes));
    file.extend([LOAD, READ_EXECUTE].into_iter().flat_map(u32::to_ne_bytes));
    file.extend([0, BASE, BASE, size, size, ALIGNMENT].into_iter().flat_map(u64::to_ne_bytes));
    file.extend([GNU_STACK, READ_WRITE].into_iter().flat_map(u32::to_ne_bytes));
    file.extend([0_u64, 0, 0, 0, 0, 16].into_iter().flat_map(u64::to_ne_bytes));
    file
}

#[cfg(test)]
mod tests {
    use super::{ANYTHING, EXECUTE, Image, StageCall};
    use std::os::unix::fs::OpenOptionsExt;
    use std::process::Command;

    fn entry(number: i64, operands: [u64; 5], expected: i64) -> StageCall {
        StageCall { number, operands, expected, step: 77, operand: -5 }
    }

    /// Runs a stage with these entries that then executes `program`. Returns its output and its exit code.
    fn run(name: &str, entries: impl FnOnce(&mut Image) -> Vec<StageCall>, program: &[u8]) -> (Vec<u8>, Option<i32>) {
        let mut image = Image::new();
        for entry in entries(&mut image) {
            image.push(entry);
        }
        image.push(StageCall { step: 78, operand: 6, ..entry(EXECUTE, [0; 5], ANYTHING) });
        let path = image.put(program);
        let file = std::env::temp_dir().join(format!("airtight-{name}-{}", std::process::id()));
        let mut options = std::fs::File::options();
        let mut open = options.write(true).create_new(true).mode(0o700).open(&file).expect("a file");
        std::io::Write::write_all(&mut open, &image.finish(1, path)).expect("its content");
        drop(open);
        // A child that another test forked may still hold the file open for writing.
        let output = loop {
            match Command::new(&file).args(["-c", "echo $0 $1", "zero", "one"]).output() {
                Err(error) if error.raw_os_error() == Some(libc::ETXTBSY) => std::thread::yield_now(),
                other => break other,
            }
        };
        drop(std::fs::remove_file(&file));
        let output = output.expect("the kernel executes it");
        (output.stdout, output.status.code())
    }

    fn report(step: u32, errno: i32, operand: i32) -> Vec<u8> {
        [step.to_ne_bytes(), errno.to_ne_bytes(), operand.to_ne_bytes()].concat()
    }

    #[test]
    fn makes_its_calls_and_executes_the_program() {
        let says = |image: &mut Image| {
            let text = image.put(b"first ");
            vec![entry(libc::SYS_write, [1, text, 6, 0, 0], 6), entry(libc::SYS_write, [1, text, 6, 0, 0], ANYTHING)]
        };
        assert_eq!(run("calls", says, b"/bin/sh\0"), (b"first first zero one\n".to_vec(), Some(0)));
    }

    #[test]
    fn reports_what_failed() {
        let fails = |_: &mut Image| vec![entry(libc::SYS_close, [1000, 0, 0, 0, 0], ANYTHING)];
        assert_eq!(run("fails", fails, b"/bin/sh\0"), (report(77, libc::EBADF, -5), Some(127)));
        let other = |_: &mut Image| vec![entry(libc::SYS_getppid, [0; 5], i64::from(i32::MAX))];
        assert_eq!(run("other", other, b"/bin/sh\0"), (report(77, libc::ESRCH, -5), Some(127)));
        assert_eq!(run("missing", |_| Vec::new(), b"/nonexistent\0"), (report(78, libc::ENOENT, 6), Some(127)));
    }
}
