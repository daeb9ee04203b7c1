//! Shows a declaration as a command line that a POSIX shell can read, with secrets hidden.

use super::Spec;
use super::args::{ArgvWord, shown};
use crate::display::{Quoted, join};
use crate::secret::Secrets;
use std::ffi::CStr;
use std::fmt;

impl Spec {
    /// The program and its arguments, without the environment.
    pub(crate) fn command_line(&self) -> String {
        CommandLine(self).to_string()
    }
}

struct CommandLine<'a>(&'a Spec);

impl fmt::Display for CommandLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, words(self.0, &self.0.secrets()))
    }
}

/// The declared environment, the program and the arguments.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = self.secrets();
        let declared = self.env.declared();
        // A shell does not accept such names in assignments; env(1) accepts any name.
        let odd = declared.iter().any(|variable| !is_shell_name(variable.name()));
        let env = odd.then(|| (false, "env".to_owned()));
        let variables = declared.into_iter().map(|variable| {
            let name = Quoted::new(variable.name());
            let value = secrets.hide_in_words(variable.value());
            let value = if variable.secret { Quoted::hidden_behind(b"") } else { Quoted::new(&value) };
            // For an empty value, `NAME=` suffices without `''`.
            let shown = if variable.value().is_empty() { format!("{name}=") } else { format!("{name}={value}") };
            (false, shown)
        });
        join(f, env.into_iter().chain(variables).chain(words(self, &secrets)))
    }
}

fn is_shell_name(name: &[u8]) -> bool {
    !name.first().is_some_and(u8::is_ascii_digit)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// The words, each with whether a new line may begin before it.
fn words(spec: &Spec, secrets: &Secrets) -> impl Iterator<Item = (bool, String)> {
    let program = secrets.hide_in_words(spec.program.to_bytes());
    let program = (false, Quoted::program(&program).to_string());
    let args = spec.args.words().iter().map(|word| {
        let option = matches!(word, ArgvWord { text, .. } if begins_option(text));
        (option, shown(word, secrets))
    });
    std::iter::once(program).chain(args)
}

fn begins_option(word: &CStr) -> bool {
    word.to_bytes().len() > 1 && word.to_bytes().starts_with(b"-")
}
