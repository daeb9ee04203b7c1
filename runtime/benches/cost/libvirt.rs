//! libvirt's virCommand, where its library is installed. The library exports the functions under its private symbol
//! version.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

type Pointer = *mut c_void;
type New = unsafe extern "C" fn(*const c_char) -> Pointer;
type Run = unsafe extern "C" fn(Pointer, *mut c_int) -> c_int;
type Set = unsafe extern "C" fn(Pointer);
type SetBuffer = unsafe extern "C" fn(Pointer, *mut *mut c_char);
type SetId = unsafe extern "C" fn(Pointer, libc::uid_t);

/// The functions of virCommand that the benchmark calls.
#[derive(Clone, Copy)]
pub(crate) struct Libvirt {
    new: New,
    run: Run,
    free: Set,
    set_output: SetBuffer,
    set_error: SetBuffer,
    clear_caps: Set,
    set_uid: SetId,
    set_gid: SetId,
}

/// Settings of a command besides its program.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given {
    pub(crate) clear_caps: bool,
    pub(crate) nobody: bool,
}

impl Libvirt {
    /// `None` where the library is not installed or lacks one of the symbols.
    pub(crate) fn load() -> Option<Libvirt> {
        // SAFETY: the library's constructors are trusted as those of any other.
        let library = unsafe { libc::dlopen(c"libvirt.so.0".as_ptr(), libc::RTLD_NOW) };
        if library.is_null() {
            return None;
        }
        let symbol = |name: &CStr| {
            // SAFETY: the library stays open.
            let found = unsafe { libc::dlsym(library, name.as_ptr()) };
            (!found.is_null()).then_some(found)
        };
        let initialize = symbol(c"virInitialize")?;
        // SAFETY: `int virInitialize(void)`.
        let initialize: unsafe extern "C" fn() -> c_int = unsafe { std::mem::transmute(initialize) };
        // SAFETY: as its documentation has it, before any other call.
        unsafe { initialize() };
        macro_rules! function {
            ($name:literal, $type:ty) => {{
                let found = symbol($name)?;
                // SAFETY: the types are those of libvirt's vircommand.h.
                unsafe { std::mem::transmute::<Pointer, $type>(found) }
            }};
        }
        Some(Libvirt {
            new: function!(c"virCommandNew", New),
            run: function!(c"virCommandRun", Run),
            free: function!(c"virCommandFree", Set),
            set_output: function!(c"virCommandSetOutputBuffer", SetBuffer),
            set_error: function!(c"virCommandSetErrorBuffer", SetBuffer),
            clear_caps: function!(c"virCommandClearCaps", Set),
            set_uid: function!(c"virCommandSetUID", SetId),
            set_gid: function!(c"virCommandSetGID", SetId),
        })
    }

    /// Runs `program` without arguments and with all streams at `/dev/null`.
    pub(crate) fn run(self, program: &CStr, given: Given) {
        // SAFETY: the path is a C string; the command is freed below.
        let command = unsafe { (self.new)(program.as_ptr()) };
        if given.clear_caps {
            // SAFETY: the command is valid.
            unsafe { (self.clear_caps)(command) };
        }
        if given.nobody {
            // SAFETY: the command is valid.
            unsafe { (self.set_uid)(command, 65534) };
            // SAFETY: as above.
            unsafe { (self.set_gid)(command, 65534) };
        }
        // SAFETY: the command is valid; without a place for the status, a failed one is an error.
        assert_eq!(unsafe { (self.run)(command, null_mut()) }, 0, "virCommandRun");
        // SAFETY: made above, and not used again.
        unsafe { (self.free)(command) };
    }

    /// As [`run`](Self::run), and returns the number of bytes that the program wrote.
    pub(crate) fn captured(self, program: &CStr) -> usize {
        let mut said: [*mut c_char; 2] = [null_mut(); 2];
        // SAFETY: the path is a C string; the command is freed below.
        let command = unsafe { (self.new)(program.as_ptr()) };
        // SAFETY: the places live until the command has run.
        unsafe { (self.set_output)(command, &raw mut said[0]) };
        // SAFETY: as above.
        unsafe { (self.set_error)(command, &raw mut said[1]) };
        // SAFETY: as above.
        assert_eq!(unsafe { (self.run)(command, null_mut()) }, 0, "virCommandRun");
        // SAFETY: made above, and not used again.
        unsafe { (self.free)(command) };
        said.into_iter().map(length_and_free).sum()
    }
}

fn length_and_free(text: *mut c_char) -> usize {
    // SAFETY: libvirt has allocated it and ended it by a NUL.
    let length = unsafe { libc::strlen(text) };
    // SAFETY: it is the caller's.
    unsafe { libc::free(text.cast()) };
    length
}
