//! The table of rules. Messages end with the name of a rule, and a test generates `runtime/docs/rules.md` from the
//! table.

use crate::language::rules as names;

/// One reason for which the macros refuse a declaration, and the way out.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page"))]
    pub(crate) refuses: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page"))]
    pub(crate) because: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page"))]
    pub(crate) instead: &'static str,
}

macro_rules! rules {
    ($(
        $constant:ident = $name:expr, refuses $refuses:literal, because $because:literal, instead $instead:literal;
    )*) => {
        $(pub(crate) const $constant: Rule =
            Rule { name: $name, refuses: $refuses, because: $because, instead: $instead };)*

        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($constant),*];
    };
}

rules! {
    SHELL_SCRIPT = names::SHELL_SCRIPT,
        refuses "a shell given a script in `args` (`sh -c`, `su -c`, `cmd /C`), also behind `sudo`, `env`, `find \
            -exec`, `docker exec`, `ssh` and similar programs",
        because "the shell executes computed text as code",
        instead "run the program itself; or `shell_script: \"…\"`, with computed values in `args`, as `$1`; or \
            `verbatim(script)`";
    COMPUTED_SCRIPT = names::COMPUTED_SCRIPT,
        refuses "a computed script, given to `shell_script` or to an interpreter (`perl -e`, `python -c`, `awk`, \
            `node -e`)",
        because "the interpreter executes computed text as code",
        instead "a literal script that reads computed values from its arguments or its environment; or \
            `verbatim(script)`";
    SCRIPT_OF_NO_SHELL = names::SCRIPT_OF_NO_SHELL,
        refuses "`shell_script` of a program that is not a shell",
        because "only a shell can run it",
        instead "name the shell, as in `command! { \"sh\", shell_script: \"…\" }`";
    EMPTY_PROGRAM = names::EMPTY_PROGRAM,
        refuses "an empty program",
        because "no file has an empty name",
        instead "its path or name";
    RELATIVE_PROGRAM = names::RELATIVE_PROGRAM,
        refuses "a relative path as the program",
        because "the current directory would decide which file is executed",
        instead "an absolute path, or a bare name, which is looked up in `PATH`";
    PROGRAM_WITH_ARGUMENTS = names::PROGRAM_WITH_ARGUMENTS,
        refuses "a program and its arguments in one string (`\"ls -l\"`), also behind a wrapper",
        because "no file has that name",
        instead "each argument as its own item of `args`; `verbatim(path)` for a file whose name contains a blank";
    SHELL_SYNTAX_IN_PROGRAM = names::SHELL_SYNTAX_IN_PROGRAM,
        refuses "a program with a character that only a shell interprets: `~/bin/tool`, `$EDITOR`, `ls;`",
        because "no shell interprets it",
        instead "the path itself, or the variable's value: `std::env::var_os(\"EDITOR\")`; `verbatim(path)` for a \
            file with that name";
    ASSIGNMENT_AS_PROGRAM = names::ASSIGNMENT_AS_PROGRAM,
        refuses "`NAME=value` in place of the program",
        because "a shell would set a variable; the kernel looks for a file with this name",
        instead "`env: inherit + { NAME = \"value\" }`";
    SHELL_BUILTIN = names::SHELL_BUILTIN,
        refuses "a shell builtin (`cd`, `export`, `source`) as the program",
        because "a child process could change only its own state",
        instead "`cwd` for `cd`, `env` for `export`, `umask`, `limits`; or a shell with `shell_script`";
    SHELL_OPERATOR = "shell_operator",
        refuses "a shell operator or redirection as a whole argument: `|`, `&&`, `;`, `&`, `>`, `2>&1`, \
            `2>/dev/null`, `<(…)`",
        because "no shell interprets it: the program receives it as an argument",
        instead "`stdin`, `stdout`, `stderr`; one command for each program; `.spawn()`; the value of an option, as in \
            `(\"-d\", \"|\")`; or `verbatim(\"|\")`";
    SHELL_VARIABLE = "shell_variable",
        refuses "`$NAME`, `${…}`, `$(…)` or backticks in an argument without blanks",
        because "no shell expands it",
        instead "the value itself: `std::env::var_os(\"HOME\")`, or the output of another command; or `verbatim(…)`";
    TILDE = "tilde",
        refuses "`~`, `~/…`, `~user/…` and `--option=~/…`",
        because "no shell expands it",
        instead "the directory's path, for example from `std::env::home_dir()`; or `verbatim(\"~\")`";
    GLOB = "glob",
        refuses "`*`, `?`, `[a-z]` or `{a,b}` in a file name for a file utility (`rm`, `cp`, `mv`, `chown`, `tar`, \
            `ls`, `cat` and similar programs)",
        because "no shell expands it: the program looks for a file with exactly that name",
        instead "the names themselves: `..paths`, read with `std::fs::read_dir`; `find` with `-name`; or \
            `verbatim(\"*\")`";
    QUOTED_ARGUMENT = "quoted_argument",
        refuses "quotes around a whole argument, or around the value in `--option=…`",
        because "no shell removes them: the program receives them",
        instead "the text without the quotes; or `verbatim(…)`";
    FLAG_WITH_VALUE = "flag_with_value",
        refuses "an option and its value in one string: `\"-o ro\"`, `\"--depth 1\"`, also in `format!`",
        because "it is one argument, blank included, and no option has this name",
        instead "`(\"-o\", \"ro\")` or `\"--depth\" = 1`; or `verbatim(…)`";
    DETACHED_DASH = "detached_dash",
        refuses "a dash, a blank and the letters of an option: `\"- la\"`",
        because "no program parses it as an option",
        instead "the option without the blank; or `verbatim(…)`";
    TYPOGRAPHIC_CHARACTER = "typographic_character",
        refuses "a typographic dash before an option, typographic quotes around an argument",
        because "word processors insert them, and no program parses them as `-` or as quotes",
        instead "`-`, and no quotes; or `verbatim(…)`";
    ESCAPED_BLANK = "escaped_blank",
        refuses "a backslash before a blank",
        because "no shell removes it: the program receives it",
        instead "the blank without the backslash; or `verbatim(…)`";
    SUBCOMMAND_WITH_ARGUMENTS = "subcommand_with_arguments",
        refuses "a blank in the subcommand of `git`, `cargo`, `systemctl`, `docker` and similar programs",
        because "it is one argument, and no subcommand has this name",
        instead "each word as its own item; or `verbatim(…)`";
    NUL = names::NUL,
        refuses "a NUL byte in any string",
        because "it ends a C string: the rest would be lost",
        instead "the text without the NUL";
    MISPLACED_MARK = "misplaced_mark",
        refuses "`secret` or `verbatim` where it has no effect",
        because "`secret` hides only arguments and variables, and `verbatim` exempts only values that a rule checks",
        instead "the value without the mark";
    PAIR_KEY = "pair_key",
        refuses "an empty option before `=`, or one that ends in `=`",
        because "the argument would begin with `=`, or contain two",
        instead "`\"--option\" = value`, passed as `--option=value`";
    RELATIVE_PATH = names::RELATIVE_PATH,
        refuses "a relative `cwd`, `pidfile` or `xdg`",
        because "its meaning depends on the directory in which this program was started",
        instead "an absolute path";
    EMPTY_PATH = "empty_path",
        refuses "an empty path",
        because "no file has an empty name",
        instead "the path, or another kind of stream";
    KEY_GIVEN_TWICE = "key_given_twice",
        refuses "a key given twice, or a stream beside `stdio`",
        because "one would override the other",
        instead "one of them";
    PIPE_BESIDE_SERVED_STREAM = "pipe_beside_served_stream",
        refuses "`pipe` for one stream beside `buffer`, `text`, `lines`, `split` or `log` for another",
        because "`pipe` needs `spawn`, the other kinds need `run`: no method could start the command",
        instead "all pipes, or none";
    VARIABLE_NAME = names::VARIABLE_NAME,
        refuses "a variable with an empty name, with `=` or NUL in its name, or without `=`",
        because "it is not a valid entry of the environ",
        instead "`NAME = value`, or `\"NAME=value\"`";
    NAMED_TWICE = "named_twice",
        refuses "the same variable, term, capability or limit twice",
        because "one would override the other",
        instead "one of them";
    CONTRADICTING_TERMS = "contradicting_terms",
        refuses "`inherit` beside `empty`",
        because "they exclude each other",
        instead "one of them";
    DESCRIPTOR_NUMBER = names::DESCRIPTOR_NUMBER,
        refuses "the descriptor numbers 0 to 2, an invalid number, or one number for two descriptors",
        because "0 to 2 are the streams, and a number refers to one descriptor",
        instead "`stdin`, `stdout`, `stderr`; a number from 3";
    DESCRIPTOR_NAME = "descriptor_name",
        refuses "`fd(name)` of a descriptor that `fds` does not pass, or passes more than once",
        because "the child has no such descriptor, or several",
        instead "`fds: [&name]`";
    UNKNOWN_NAME = "unknown_name",
        refuses "a capability, signal or limit that Linux does not have",
        because "it cannot be set",
        instead "the nearest name, which the message shows";
    LIMIT_RANGE = "limit_range",
        refuses "a soft limit above the hard limit",
        because "the kernel refuses it",
        instead "a soft limit up to the hard limit";
    NICE_RANGE = "nice_range",
        refuses "a nice value outside -20 to 19",
        because "nice values are -20 to 19",
        instead "a number from -20 to 19";
    OOM_SCORE_ADJ_RANGE = "oom_score_adj_range",
        refuses "an OOM score adjustment outside -1000 to 1000",
        because "the kernel refuses it",
        instead "a number from -1000 to 1000";
    EMPTY_CPUS = names::EMPTY_CPUS,
        refuses "an empty list of `cpus`",
        because "a program needs a CPU to run on",
        instead "the numbers of the CPUs; no `cpus` for those of the parent";
    EXIT_CODE = "exit_code",
        refuses "an accepted exit code outside 0 to 255",
        because "no program can exit with it",
        instead "a number from 0 to 255";
    UMASK = names::UMASK,
        refuses "a umask that is not octal, or exceeds `0o777`",
        because "decimal `22` is octal `0o26`",
        instead "`0o022`";
    USER_NAME = names::USER_NAME,
        refuses "an empty `user`",
        because "no user has an empty name",
        instead "the user's name";
    IDS_TOGETHER = "ids_together",
        refuses "`uid`, `gid` or `groups` without the other two, or beside `user`",
        because "a remaining id lets the program regain privileges",
        instead "`user`, or all three";
    ONE_LEADER = "one_leader",
        refuses "`process_group` beside `session`",
        because "a session leader already leads a process group",
        instead "`session` alone";
    DAEMON = names::DAEMON,
        refuses "`cwd`, `timeout`, `status`, `pdeathsig`, `process_group` or `session` of a daemon, or a stream that \
            `run` serves",
        because "a daemon runs in `/`, leads its session and outlives its parent, and no process waits for it or \
            serves its streams",
        instead "the declaration without them";
    DESCENDANTS = names::DESCENDANTS,
        refuses "`descendants: kill` of a daemon; with `exec`, when it is called",
        because "no process is left to kill them",
        instead "the declaration without it; or a command that is waited for: `run`, `background`, `spawn`";
    PIDFILE_WITHOUT_DAEMONIZE = "pidfile_without_daemonize",
        refuses "`pidfile` without `daemonize`",
        because "only a daemon has a pidfile",
        instead "`daemonize` beside it";
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use std::fmt::Write;

    const HEAD: &str = "\
The rules of `command!` and `args!`. Each message ends with the name of its rule. If a rule is wrong about a value,
`verbatim(value)` passes it unchanged.

| rule | refuses | because | write |
|---|---|---|---|
";

    /// Each rule is implemented by a function of the same name; a range by the row of its key.
    #[test]
    fn every_rule_is_a_function() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/check");
        let files = [folder.to_owned(), format!("{folder}/args")].map(|folder| std::fs::read_dir(folder).unwrap());
        let paths = files.into_iter().flatten().map(|file| file.unwrap().path()).filter(|path| path.is_file());
        let source: String = paths.map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let keys = include_str!("language/words.rs");
        for rule in ALL {
            let is_range = keys.contains(&format!(", {}, \"", rule.name.to_uppercase()));
            let is_function = ["(", "<"].iter().any(|end| source.contains(&format!("fn {}{end}", rule.name)));
            assert!(is_function || is_range, "{}", rule.name);
        }
    }

    /// Compares the page with the table. `AIRTIGHT_BLESS=1` rewrites the page.
    #[test]
    fn the_page_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/docs/rules.md");
        let mut page = HEAD.to_owned();
        for rule in ALL {
            let cells = [rule.refuses, rule.because, rule.instead].map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(page, "| `{}` | {} | {} | {} |", rule.name, cells[0], cells[1], cells[2]);
        }
        if std::env::var_os("AIRTIGHT_BLESS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            page,
            "rewrite it: AIRTIGHT_BLESS=1 cargo test -p airtight-macros"
        );
    }
}
