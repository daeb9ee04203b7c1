//! Two ways to make the system calls of a step: this process makes them now, or the stage makes them once it is
//! executed.

use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{self, Failed};

/// Makes system calls, or records them for the stage.
pub(in crate::spawn) trait Calls {
    /// Calls `number` with these operands. If the call fails, `step` fails, and the error names `operand`.
    fn call(&mut self, step: Step, operand: i32, number: i64, operands: [usize; 5]) -> Result<(), FailedStep>;

    /// Calls `number` without operands. If it does not return `expected`, the step fails with ESRCH.
    fn expect(&mut self, step: Step, operand: i32, number: i64, expected: usize) -> Result<(), FailedStep>;

    /// The address of `items` for the process that makes the calls. The items must be plain numbers without padding.
    fn address<T: Copy>(&mut self, items: &[T]) -> usize;
}

/// Makes the calls now. Used in the child, where it makes raw system calls only.
pub(in crate::spawn) struct Now;

impl Now {
    /// # Safety
    ///
    /// Those of the system call itself.
    #[inline(always)]
    unsafe fn made(number: i64, [a, b, c, d, e]: [usize; 5]) -> Result<usize, Failed> {
        // SAFETY: the caller upholds the requirements of the system call.
        sys::result(unsafe { sys::syscall(number, a, b, c, d, e, 0) })
    }
}

impl Calls for Now {
    #[inline(always)]
    fn call(&mut self, step: Step, operand: i32, number: i64, operands: [usize; 5]) -> Result<(), FailedStep> {
        // SAFETY: the steps pass numbers, and addresses that `address` has returned for values that still live.
        let made = unsafe { Now::made(number, operands) };
        made.map(|_| ()).map_err(|failed| FailedStep::new(step, failed, operand))
    }

    #[inline(always)]
    fn expect(&mut self, step: Step, operand: i32, number: i64, expected: usize) -> Result<(), FailedStep> {
        // SAFETY: the call has no operands, so no pointers.
        match unsafe { Now::made(number, [0; 5]) } {
            Ok(returned) if returned == expected => Ok(()),
            _ => Err(FailedStep::new(step, Failed(libc::ESRCH), operand)),
        }
    }

    #[inline(always)]
    fn address<T: Copy>(&mut self, items: &[T]) -> usize {
        items.as_ptr().expose_provenance()
    }
}
