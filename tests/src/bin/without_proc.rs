//! Executes a program where /proc is not mounted: `without_proc PROGRAM [ARGUMENT…]`, as root; so cargo runs tests by it
//! as their runner.

use airtight_tests::{hide_proc, replaced_by_its_arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    replaced_by_its_arguments(hide_proc)
}
