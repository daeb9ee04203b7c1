//! Executes a program in a mount namespace without /proc: `without_proc PROGRAM [ARGUMENT…]`, as root. Serves cargo as
//! the runner of tests.

use airtight_tests::{hide_proc, replaced_by_its_arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    replaced_by_its_arguments(hide_proc)
}
