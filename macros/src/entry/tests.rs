//! For any tokens, the macros return an expression that parses, soon, without a panic or a stack overflow.

use super::{of_arguments, of_command};
use proc_macro2::TokenStream;
use proptest::prelude::*;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// The stack of rustc.
const STACK: usize = 8 << 20;

/// Expands a text with both macros. Each expansion must be an expression, within the time bound.
fn expand(text: &str) {
    // A text that is not tokens does not reach a macro.
    let Ok(tokens) = TokenStream::from_str(text) else { return };
    let begun = Instant::now();
    for expansion in [of_command(&tokens), of_arguments(&tokens)] {
        let written = expansion.to_string();
        let parsed = syn::parse_str::<syn::Expr>(&written);
        assert!(
            parsed.is_ok(),
            "{}\nof {}\nis {}",
            parsed.err().map(|error| error.to_string()).unwrap_or_default(),
            short(text),
            short(&written)
        );
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?} for {}", begun.elapsed(), short(text));
}

fn short(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// Expands in a thread with the stack of rustc.
fn expand_deep(text: String) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || expand(&text));
    assert!(thread.expect("a thread").join().is_ok());
}

/// Valid declarations, which the tests mutate.
const WHOLE: &[&str] = &[
    r#""/usr/bin/dnsmasq", args: ["--a", "--b" = c, ("--d", e), format!("--f={g}"), if h { "-i" } else { "-j" }, ..k]"#,
    r#""x", env: pass_common + pass(A, B) + { K = v, L = secret(w) } + "M=n" + xdg(base) + ..pairs + remove(O)"#,
    r#""x", env = [inherit, remove(A), B = "c"], cwd = "/", umask = 0o022, nice = 5, no_new_privs"#,
    r#""x", stdin: buffer(b), stdout: lines(|line| print(line)), stderr: stdout, timeout: after(d, signal = SIGINT, grace = g), descendants: kill"#,
    r#""x", stdout: lines(f, strict), stderr: split(0, g)"#,
    r#""x", fds: [&a, b, 5 = &c, N = d, e = data(f), ..g], args: [fd(e), "--fd" = fd(e), format!("/dev/fd/{}", fd(e))]"#,
    r#""x", daemonize, pidfile: "/run/x.pid", limits: [nofile = 1024, core = (0, 5)], caps: keep(NET_ADMIN), user: u"#,
    r#"..base, args: [match x { 1 => "-a", _ => ["-b", "c"] }, for y in z { "--y" = y }], env: < A = "b", C = (d > e) >"#,
    r#""sh", shell_script: "echo $1", args: [verbatim("|")], status: success(0, 4), stdio: inherit, handshake"#,
    r#""x", pre_exec: unsafe { f }, sched_core: share(pid), selinux: l, session(terminal), stdout: if c { inherit } else { null }"#,
];

/// A piece of a declaration, or an arbitrary token.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "args",
        "argv0",
        "env",
        "cwd",
        "umask",
        "stdin",
        "stdout",
        "stderr",
        "stdio",
        "fds",
        "daemonize",
        "pidfile",
        "caps",
        "user",
        "uid",
        "gid",
        "groups",
        "limits",
        "nice",
        "oom_score_adj",
        "cpus",
        "timeout",
        "after",
        "signal",
        "grace",
        "descendants",
        "kill",
        "leave",
        "status",
        "shell_script",
        "pre_exec",
        "handshake",
        "inherit",
        "empty",
        "pass",
        "pass_common",
        "remove",
        "xdg",
        "null",
        "buffer",
        "text",
        "lines",
        "strict",
        "split",
        "file",
        "append",
        "fd",
        "pipe",
        "log",
        "keep",
        "clear",
        "verbatim",
        "secret",
        "data",
        "if",
        "else",
        "match",
        "for",
        "in",
        "let",
        "move",
        "return",
        "async",
        "await",
        "unsafe",
        "loop",
        "break",
        "as",
        "r#args",
        "_",
        "self",
        "x",
        "NUMBER",
        "Self",
        "dyn",
        "const",
        "fn",
        "struct",
        "$",
        "#",
        "#[a]",
        "'a",
        "'a'",
        "b'x'",
        "c\"x\"",
        "0xffff_ffff_ffff_ffff_f",
        "1.5e9",
        "-1",
        "\"\"",
        "\"-x\"",
        "\"a b\"",
        "\"$HOME\"",
        "\"~/x\"",
        "\"|\"",
        "\"sh\"",
        "\"-c\"",
        "\"\\0\"",
        "r#\"x\"#",
        "b\"\\xff\"",
        "\"{}\"",
        "\"{x}\"",
        "\"\u{2014}a\"",
        "format!(\"{}\", x)",
        "format!()",
        "concat!(\"a\", 1)",
        "..",
        "..=",
        "=",
        ":",
        "::",
        ",",
        ";",
        "+",
        "-",
        "*",
        "&",
        "|",
        "||",
        "<",
        ">",
        "=>",
        "->",
        "?",
        "!",
        ".",
        "@",
        "/",
        "%",
        "^",
    ];
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let any_text = any::<String>().prop_map(|text| format!("{text:?}"));
    let leaf = prop_oneof![8 => prop::sample::select(words), 1 => any_text, 1 => "[a-z]{1,12}"];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let several = prop::collection::vec(inner, 0..6).prop_map(|pieces| pieces.join(" "));
        (several, 0..4).prop_map(|(pieces, delimiter)| match delimiter {
            0 => format!("({pieces})"),
            1 => format!("[{pieces}]"),
            2 => format!("{{{pieces}}}"),
            _ => pieces,
        })
    })
}

/// A declaration with some words removed, doubled, replaced or inserted.
fn torn() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..4, piece());
    (prop::sample::select(WHOLE), prop::collection::vec(change, 0..6)).prop_map(|(whole, changes)| {
        let mut words: Vec<String> =
            whole.split_inclusive([' ', ',', '(', ')', '[', ']', '{', '}']).map(str::to_owned).collect();
        for (index, kind, piece) in changes {
            if words.is_empty() {
                break;
            }
            let at = index.index(words.len());
            match kind {
                0 => drop(words.remove(at)),
                1 => words.insert(at, words[at].clone()),
                2 => words[at] = piece,
                _ => words.insert(at, piece),
            }
        }
        words.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_at_random(pieces in prop::collection::vec(piece(), 0..20)) {
        expand(&pieces.join(" "));
        expand(&format!("\"x\", {}", pieces.join(" ")));
        expand(&format!("\"x\", args: [{}]", pieces.join(" ")));
    }

    #[test]
    fn declarations_torn_apart(text in torn()) {
        expand(&text);
    }
}

#[test]
fn whole_declarations() {
    for whole in WHOLE {
        expand(whole);
        let tokens = TokenStream::from_str(whole).expect("tokens");
        let written = of_command(&tokens).to_string();
        assert!(!written.contains("compile_error"), "{written}");
    }
}

/// Texts that are nested `times` deep.
fn bombs(times: usize) -> Vec<String> {
    let around = |open: &str, close: &str| format!("{}1{}", open.repeat(times), close.repeat(times));
    let before = |what: &str| format!("{}1", what.repeat(times));
    let behind = |what: &str| format!("a{}", what.repeat(times));
    vec![
        around("(", ")"),
        around("[", "]"),
        around("{", "}"),
        around("f(", ")"),
        around("if x {", "}"),
        around("match x { _ => ", "}"),
        around("unsafe {", "}"),
        around("|x| (", ")"),
        around("a as T<", ">"),
        before("!"),
        before("- "),
        before("& "),
        before("&&"),
        before("* "),
        before("a = "),
        before("\"--a\" = "),
        before("a + "),
        before("a - "),
        before("|x| "),
        before("||"),
        before("move || "),
        before("return "),
        before("break "),
        before("#[a]"),
        before(".."),
        before("a as &"),
        before("a as fn() -> "),
        before("a as impl Fn() -> "),
        before("if "),
        before("let x = "),
        before("if let & "),
        before("for x in "),
        format!("{}{{}}", "if x {} else ".repeat(times)),
        format!("a as {}u8{}", "T<".repeat(times), "> ".repeat(times)),
        format!("a as {}u8", "&".repeat(times)),
        format!("a as {}u8", "*const ".repeat(times)),
        format!("a as {}u8{}", "[".repeat(times), "; 1]".repeat(times)),
        format!("if let {}x{} = 1 {{}}", "Some(".repeat(times), ")".repeat(times)),
        format!("if let {}x = 1 {{}}", "&".repeat(times)),
        format!("{}x{}", "<".repeat(times), ">".repeat(times)),
        behind(".b()"),
        behind(".b"),
        behind("?"),
        behind("::b"),
        behind("::<u8>"),
        behind("[0]"),
        behind("()"),
        behind(" as u8"),
        behind(" , \"x\""),
    ]
}

/// Declarations with a place for a value, `@`.
const PLACES: &[&str] = &[
    "@",
    "\"x\", args: [@]",
    "\"x\", args: @",
    "\"x\", env: @",
    "\"x\", env: < A = @ >",
    "\"x\", stdout: @",
    "\"x\", fds: [@]",
    "\"x\", limits: [nofile = @]",
    "\"x\", @: 1",
];

#[test]
fn what_is_nested_ends_in_an_error() {
    for times in [40, 120, 200, 245, 260, 3_000, 20_000] {
        // Deep nesting is refused before parsing, so its place does not matter.
        let places = if times < 1_000 { PLACES } else { &PLACES[..1] };
        for bomb in bombs(times) {
            for place in places {
                expand_deep(place.replace('@', &bomb));
            }
        }
    }
}

/// Long declarations stay within the bound.
#[test]
fn what_is_long_is_read() {
    let arms: String = (0..500).map(|number| format!("{number} => {{ \"--a\" }}")).collect();
    let elses = "if x == 1 { \"-a\" } else ".repeat(60);
    let closure = "let y = !x && *z <= -1; if y { return Ok(()); } ".repeat(500);
    for right in [
        format!("\"x\", args: [match x {{ {arms} _ => \"-b\" }}]"),
        format!("\"x\", args: [{elses} {{ \"-c\" }}]"),
        format!("\"x\", stdout: lines(|x| {{ {closure} }})"),
        format!("\"x\", args: [{}]", "\"--option\" = value, ".repeat(20_000)),
    ] {
        let tokens = TokenStream::from_str(&right).expect("tokens");
        assert!(!of_command(&tokens).to_string().contains("nested too deep"), "{}", short(&right));
    }
}

#[test]
fn huge_literals_end_soon() {
    for length in [60_000, 1 << 20] {
        huge_literals(length);
    }
}

fn huge_literals(length: usize) {
    for unit in [
        "x", " ", "-", "|", "$", "$(", "`", "~/", "{", "}", "{}", "*", "'", "\\\"", "\\\\ ", "-a b", "a=", "/",
        "\u{2014}", "; ", "sh -c ",
    ] {
        let huge = unit.repeat(length / unit.len());
        for place in [
            "\"@\"",
            "\"x\", args: [\"@\"]",
            "\"x\", args: [\"--a\" = \"@\"]",
            "\"sh\", shell_script: \"@\"",
            "\"x\", env: \"@\"",
            "\"x\", args: [format!(\"@\")]",
            "\"x\", args: [(\"-c\", \"@\")]",
            "\"sudo\", args: [\"sh\", \"-c\", \"@\"]",
        ] {
            expand(&place.replace('@', &huge));
        }
    }
    for number in ["9".repeat(100_000), format!("0o{}", "7".repeat(100_000)), format!("-{}", "9".repeat(1000))] {
        for place in [
            "\"x\", umask: @",
            "\"x\", nice: @",
            "\"x\", oom_score_adj: @",
            "\"x\", cpus: [@]",
            "\"x\", fds: [@ = f]",
            "\"x\", limits: [nofile = @]",
            "\"x\", args: [@]",
            "\"x\", status: success(@)",
        ] {
            expand(&place.replace('@', &number));
        }
    }
}
