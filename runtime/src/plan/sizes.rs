//! Finds the argument or variable that was too long. This is computed only after E2BIG, so that a successful start pays
//! nothing. See "Limits on size of arguments and environment" in execve(2).

use super::environ::Block;
use crate::spec::Spec;

/// The limit of one argument or variable, including its NUL (MAX_ARG_STRLEN).
const LONGEST: usize = 128 << 10;

/// The reason of an E2BIG, as text. It does not name a variable, since no message shows the environment.
pub(crate) fn what_is_too_long(spec: &Spec) -> String {
    let words: Vec<usize> = spec.args.words().iter().map(|word| word.text.count_bytes()).collect();
    let variables = Block::of(&spec.env).lengths();
    let takes = LONGEST - 1;
    if let Some(index) = words.iter().position(|length| *length > takes) {
        return format!("argument {} is {} bytes long, and the kernel allows {takes}", index + 1, words[index]);
    }
    if let Some(length) = variables.iter().find(|length| **length > takes) {
        return format!("a variable is {length} bytes long with its name, and the kernel allows {takes}");
    }
    let first = spec.argv0.as_deref().unwrap_or(&spec.program).count_bytes();
    // Each takes a NUL and a pointer.
    let all: usize = words.iter().chain(&variables).chain([&first]).map(|length| length + 1 + size_of::<usize>()).sum();
    format!("its arguments and environment take {all} bytes, more than the kernel allows")
}
