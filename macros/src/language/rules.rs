//! The names of the rules that both packages apply: to what is written, and to what is computed.

pub(crate) const NUL: &str = "nul";
pub(crate) const EMPTY_PROGRAM: &str = "empty_program";
pub(crate) const RELATIVE_PROGRAM: &str = "relative_program";
pub(crate) const RELATIVE_PATH: &str = "relative_path";
pub(crate) const VARIABLE_NAME: &str = "variable_name";
pub(crate) const UMASK: &str = "umask";
pub(crate) const USER_NAME: &str = "user_name";
pub(crate) const EMPTY_CPUS: &str = "empty_cpus";
pub(crate) const DESCRIPTOR_NUMBER: &str = "descriptor_number";
pub(crate) const PROGRAM_WITH_ARGUMENTS: &str = "program_with_arguments";
pub(crate) const SHELL_SYNTAX_IN_PROGRAM: &str = "shell_syntax_in_program";
pub(crate) const ASSIGNMENT_AS_PROGRAM: &str = "assignment_as_program";
pub(crate) const SHELL_BUILTIN: &str = "shell_builtin";
pub(crate) const SHELL_SCRIPT: &str = "shell_script";
pub(crate) const COMPUTED_SCRIPT: &str = "computed_script";
pub(crate) const SCRIPT_OF_NO_SHELL: &str = "script_of_no_shell";
pub(crate) const DAEMON: &str = "daemon";
pub(crate) const DESCENDANTS: &str = "descendants";
