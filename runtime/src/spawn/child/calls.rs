//! Who makes the system calls of a step: this process, now; or the stage, once it is executed.

use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{self, Failed};

/// Makes system calls, or notes them down.
pub(in crate::spawn) trait Calls {
    /// The call `number` with these operands; if it fails, so does `step`, of which `operand` is shown.
    fn call(&mut self, step: Step, operand: i32, number: i64, operands: [usize; 5]) -> Result<(), Fault>;

    /// A call without operands, which is to return `expected`: the step fails with ESRCH where it does not.
    fn expect(&mut self, step: Step, operand: i32, number: i64, expected: usize) -> Result<(), Fault>;

    /// Where whoever makes the calls finds `items`: plain numbers, without padding.
    fn address<T: Copy>(&mut self, items: &[T]) -> usize;
}

/// This process, now. Used in the child: nothing but raw system calls.
pub(in crate::spawn) struct Now;

impl Now {
    /// # Safety
    ///
    /// As for the system call itself.
    #[inline(always)]
    unsafe fn made(number: i64, [a, b, c, d, e]: [usize; 5]) -> Result<usize, Failed> {
        // SAFETY: as the caller promises.
        sys::result(unsafe { sys::syscall(number, a, b, c, d, e, 0) })
    }
}

impl Calls for Now {
    #[inline(always)]
    fn call(&mut self, step: Step, operand: i32, number: i64, operands: [usize; 5]) -> Result<(), Fault> {
        // SAFETY: the steps pass numbers, and addresses that `address` has just returned.
        let made = unsafe { Now::made(number, operands) };
        made.map(|_| ()).map_err(|failed| Fault::new(step, failed, operand))
    }

    #[inline(always)]
    fn expect(&mut self, step: Step, operand: i32, number: i64, expected: usize) -> Result<(), Fault> {
        // SAFETY: takes no pointers.
        match unsafe { Now::made(number, [0; 5]) } {
            Ok(returned) if returned == expected => Ok(()),
            _ => Err(Fault::new(step, Failed(libc::ESRCH), operand)),
        }
    }

    #[inline(always)]
    fn address<T: Copy>(&mut self, items: &[T]) -> usize {
        items.as_ptr().expose_provenance()
    }
}
