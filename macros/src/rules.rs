//! The rules, in one table: their names stand in the messages, and `runtime/docs/rules.md` is made from it.

/// What the compiler refuses, and what to write instead.
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
    ($($constant:ident = $name:literal, refuses $refuses:literal, because $because:literal, instead $instead:literal;)*) => {
        $(pub(crate) const $constant: Rule =
            Rule { name: $name, refuses: $refuses, because: $because, instead: $instead };)*

        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($constant),*];
    };
}

rules! {
    SHELL_SCRIPT = "shell_script",
        refuses "a shell given a script in `args` (`sh -c`, `su -c`, `cmd /C`), also behind `sudo`, `env`, `find -exec`, `docker exec`, `ssh` and their like",
        because "whatever is put into a script is executed",
        instead "run the program itself; or `shell_script: \"…\"`, with what is computed in `args` as `$1`; or `verbatim(script)`";
    COMPUTED_SCRIPT = "computed_script",
        refuses "a computed script, given to `shell_script` or to an interpreter (`perl -e`, `python -c`, `awk`, `node -e`)",
        because "whatever is put into a script is executed",
        instead "a literal script, which reads what is computed from its arguments or its environment; or `verbatim(script)`";
    SCRIPT_OF_NO_SHELL = "script_of_no_shell",
        refuses "`shell_script` of a program that is no shell",
        because "it would not know what to do with it",
        instead "name the shell, as in `command! { \"sh\", shell_script: \"…\" }`";
    EMPTY_PROGRAM = "empty_program",
        refuses "an empty program",
        because "there is no such file",
        instead "its path or name";
    RELATIVE_PROGRAM = "relative_program",
        refuses "a program by a relative path",
        because "the current directory would decide what is run",
        instead "an absolute path, or a bare name, which is looked up in `PATH`";
    PROGRAM_WITH_ARGUMENTS = "program_with_arguments",
        refuses "a program with its arguments in one text (`\"ls -l\"`), also behind a wrapper",
        because "no file has that name",
        instead "each argument by itself in `args`; `verbatim(path)` for a file whose name has a blank";
    SHELL_SYNTAX_IN_PROGRAM = "shell_syntax_in_program",
        refuses "a program with a character that only a shell reads: `~/bin/tool`, `$EDITOR`, `ls;`",
        because "no shell reads it",
        instead "the path itself, or what gives it: `std::env::var_os(\"EDITOR\")`; `verbatim(path)` for a file of that name";
    ASSIGNMENT_AS_PROGRAM = "assignment_as_program",
        refuses "`NAME=value` in the program's place",
        because "a shell sets a variable by it, the kernel looks for a file",
        instead "`env: inherit + { NAME = \"value\" }`";
    SHELL_BUILTIN = "shell_builtin",
        refuses "a word that only a shell knows (`cd`, `export`, `source`) as the program",
        because "it could change only its own process",
        instead "`cwd` for `cd`, `env` for `export`, `umask`, `limits`; or a shell with `shell_script`";
    SHELL_OPERATOR = "shell_operator",
        refuses "an operator or redirection as a whole argument: `|`, `&&`, `;`, `&`, `>`, `2>&1`, `2>/dev/null`, `<(…)`",
        because "no shell reads it: the program gets it as a word",
        instead "`stdin`, `stdout`, `stderr`; a command for each program; `.spawn()`; as the value in `(\"-d\", \"|\")`; or `verbatim(\"|\")`";
    SHELL_VARIABLE = "shell_variable",
        refuses "`$NAME`, `${…}`, `$(…)` or backticks in a text without blanks",
        because "no shell expands it",
        instead "the value itself: `std::env::var_os(\"HOME\")`, or the output of another command; or `verbatim(…)`";
    TILDE = "tilde",
        refuses "`~`, `~/…`, `~user/…` and `--option=~/…`",
        because "no shell expands it",
        instead "the folder's path, as of `std::env::home_dir()`; or `verbatim(\"~\")`";
    GLOB = "glob",
        refuses "`*`, `?`, `[a-z]` or `{a,b}` in the name of a file for a file utility (`rm`, `cp`, `mv`, `chown`, `tar`, `ls`, `cat` and their like)",
        because "no shell expands it: the program looks for a file of that very name",
        instead "the names themselves: `..paths`, of a folder that was read; `find` with `-name`; or `verbatim(\"*\")`";
    QUOTED_ARGUMENT = "quoted_argument",
        refuses "a whole argument, or the value in `--option=…`, inside quotes",
        because "no shell takes them off: they are part of what the program gets",
        instead "the text without them; or `verbatim(…)`";
    FLAG_WITH_VALUE = "flag_with_value",
        refuses "an option and its value in one text: `\"-o ro\"`, `\"--depth 1\"`, also in `format!`",
        because "it is one argument, blank included, which no option is called",
        instead "`(\"-o\", \"ro\")` or `\"--depth\" = 1`; or `verbatim(…)`";
    DETACHED_DASH = "detached_dash",
        refuses "a dash, a blank and the letters of an option: `\"- la\"`",
        because "no program reads it as an option",
        instead "the option without the blank; or `verbatim(…)`";
    TYPOGRAPHIC_CHARACTER = "typographic_character",
        refuses "a typographic dash before an option, typographic quotes around an argument",
        because "they come from a word processor, and no program reads them as `-` or as quotes",
        instead "`-`, and no quotes; or `verbatim(…)`";
    ESCAPED_BLANK = "escaped_blank",
        refuses "a backslash before a blank",
        because "no shell takes it off: it is part of what the program gets",
        instead "the blank alone; or `verbatim(…)`";
    SUBCOMMAND_WITH_ARGUMENTS = "subcommand_with_arguments",
        refuses "a blank in the subcommand of `git`, `cargo`, `systemctl`, `docker` and their like",
        because "it is one argument, and no subcommand is called so",
        instead "each word by itself; or `verbatim(…)`";
    NUL = "nul",
        refuses "a NUL byte in any text",
        because "it ends a C string: what follows would never arrive",
        instead "the text without it";
    MISPLACED_MARK = "misplaced_mark",
        refuses "`secret` or `verbatim` where it would promise nothing",
        because "only arguments and variables are hidden, and only what a rule looks at can be passed as it is",
        instead "the value without the mark";
    PAIR_KEY = "pair_key",
        refuses "an empty option before `=`, or one that ends in `=`",
        because "the argument would begin with `=` or have two",
        instead "`\"--option\" = value`, passed as `--option=value`";
    RELATIVE_PATH = "relative_path",
        refuses "a relative `cwd`, `pidfile` or `xdg`",
        because "what it means depends on where this program was started",
        instead "an absolute path";
    EMPTY_PATH = "empty_path",
        refuses "an empty path",
        because "no file is called so",
        instead "the path, or another kind of stream";
    KEY_GIVEN_TWICE = "key_given_twice",
        refuses "a key given twice, or a stream beside `stdio`",
        because "one of the two would be lost",
        instead "one of them";
    PIPE_BESIDE_SERVED_STREAM = "pipe_beside_served_stream",
        refuses "`pipe` of one stream beside `buffer`, `text`, `lines`, `split` or `log` of another",
        because "a pipe needs `spawn`, what is served needs `run`: neither could start it",
        instead "all pipes, or none";
    VARIABLE_NAME = "variable_name",
        refuses "a variable without a name, with `=` or NUL in it, or without any `=`",
        because "no program could read it",
        instead "`NAME = value`, or `\"NAME=value\"`";
    NAMED_TWICE = "named_twice",
        refuses "the same variable, term, capability or limit twice",
        because "one of the two would be lost",
        instead "one of them";
    CONTRADICTING_TERMS = "contradicting_terms",
        refuses "`inherit` beside `empty`",
        because "only one can be",
        instead "one of them";
    DESCRIPTOR_NUMBER = "descriptor_number",
        refuses "a descriptor at 0 to 2, at no number, or two at one number",
        because "0 to 2 are the streams, and a number holds one descriptor",
        instead "`stdin`, `stdout`, `stderr`; a number from 3";
    DESCRIPTOR_NAME = "descriptor_name",
        refuses "`fd(name)` of what `fds` does not pass on, or passes on more than once",
        because "the child has no such descriptor, or several",
        instead "`fds: [&name]`";
    UNKNOWN_NAME = "unknown_name",
        refuses "a capability, signal or limit that Linux does not have",
        because "it could not be set",
        instead "the nearest name, which the message shows";
    LIMIT_RANGE = "limit_range",
        refuses "a soft limit above the hard one",
        because "the kernel refuses it",
        instead "a soft limit up to the hard one";
    NICE_RANGE = "nice_range",
        refuses "a nice value outside -20 to 19",
        because "there is none",
        instead "a number from -20 to 19";
    OOM_SCORE_ADJ_RANGE = "oom_score_adj_range",
        refuses "an OOM score adjustment outside -1000 to 1000",
        because "the kernel refuses it",
        instead "a number from -1000 to 1000";
    EMPTY_CPUS = "empty_cpus",
        refuses "an empty list of `cpus`",
        because "a program needs a CPU to run on",
        instead "the numbers of the CPUs; no `cpus` for those of the parent";
    EXIT_CODE = "exit_code",
        refuses "an accepted exit code outside 0 to 255",
        because "no program can end with it",
        instead "a number from 0 to 255";
    UMASK = "umask",
        refuses "a umask that is not octal, or beyond `0o777`",
        because "`22` is `0o26`",
        instead "`0o022`";
    USER_NAME = "user_name",
        refuses "an empty `user`",
        because "no user is called so",
        instead "the name";
    IDS_TOGETHER = "ids_together",
        refuses "`uid`, `gid` and `groups` not all together, or beside `user`",
        because "what is left of another user's ids is a way back",
        instead "`user`, or all three";
    ONE_LEADER = "one_leader",
        refuses "`process_group` beside `session`",
        because "a session leads a process group too",
        instead "`session` alone";
    DAEMON = "daemon",
        refuses "`cwd`, `timeout`, `status`, `pdeathsig`, `process_group` or `session` of a daemon",
        because "it runs in `/`, leads its session, outlives its parent, and nobody waits for it",
        instead "the declaration without them";
    DESCENDANTS = "descendants",
        refuses "`descendants: kill` of a daemon; with `exec`, when it is called",
        because "who started the program is not there when it ends",
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
What `command!` and `args!` refuse while they compile. Each message ends with the name of its rule. Where a rule is
wrong about one value, `verbatim(value)` passes it exactly as it is.

| rule | refuses | because | write |
|---|---|---|---|
";

    /// Somebody who reads a rule's name in a message finds the function that says it; of a range, the row of its key.
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

    /// The page is checked in, so that it can be read without building anything. Rewritten with `WRITE_RULES=1`.
    #[test]
    fn the_page_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/docs/rules.md");
        let mut page = HEAD.to_owned();
        for rule in ALL {
            let cells = [rule.refuses, rule.because, rule.instead].map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(page, "| `{}` | {} | {} | {} |", rule.name, cells[0], cells[1], cells[2]);
        }
        if std::env::var_os("WRITE_RULES").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            page,
            "rewrite it: WRITE_RULES=1 cargo test -p airtight-macros"
        );
    }
}
