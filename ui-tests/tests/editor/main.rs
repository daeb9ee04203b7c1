//! Hover, completion and diagnostics of rust-analyzer in a declaration, finished or not, asked for as an editor does.

mod client;

use client::Client;
use std::path::Path;
use std::process::{Command, Stdio};

const SOURCE: &str = r#"use airtight::{args, command};
struct Settings { path_of_log: String }
fn main() {
    let settings = Settings { path_of_log: String::new() };
    let list = args!["--a", secret("x")];
    let whole = command! { "true", args: [..list, verbatim("~")], stdout: text, env: pass_common, caps: keep(NET_ADMIN) };
    let output = whole.run().unwrap();
    let said = output.stdout();
    let key = command! { "true", stdout: text, std };
    let kind = command! { "true", stdin: pipe, stdout: bu };
    let term = command! { "true", stdout: text, env: pass_com };
    let capability = command! { "true", stdout: text, caps: keep(NET_) };
    let dot = command! { "true", stdout: text, args: ["--log" = settings.] };
    let child = kind.spawn().unwrap();
    let open = command! { "true", stdout: text, args: ["--a", settings };
}
"#;

fn is_installed() -> bool {
    let version = Command::new("rust-analyzer").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

#[test]
fn words_types_and_completions() {
    if !is_installed() {
        return airtight_ui_tests::skipped(
            "editor",
            "rust-analyzer is not installed: `rustup component add rust-analyzer`",
        );
    }
    let package = airtight_ui_tests::package(Path::new(env!("CARGO_TARGET_TMPDIR")), "editor");
    let mut client = Client::open(&package, SOURCE);
    // "Go to definition" on each word leads to the item that documents it.
    for (line, word, shown) in [
        ("let whole", "args", "pub const args: Key"),
        ("let whole", "verbatim", "No rule checks it"),
        ("let whole", "stdout", "where its output goes"),
        ("let whole", "text", "Invalid UTF-8 is an error"),
        ("let whole", "env", "the environment"),
        ("let whole", "pass_common", "LD_LIBRARY_PATH"),
        ("let whole", "caps", "capabilities(7)"),
        ("let whole", "NET_ADMIN", "CAP_NET_ADMIN"),
        ("let list", "secret", "shows it as ***"),
        // An unfinished declaration has the type of a finished one.
        ("let output", "output", "Output<Text>"),
        ("let said", "said", "&str"),
        ("let key", "key", "Command<Unset, Text>"),
        ("let kind", "kind", "Command<Pipe>"),
        ("let term", "term", "Command<Unset, Text>"),
        ("let capability", "capability", "Command<Unset, Text>"),
        ("let dot", "dot", "Command<Unset, Text>"),
        ("let child", "child", "Child<Pipe>"),
        ("let open", "open", "Command<Unset, Text>"),
    ] {
        let hover = client.hover(line, word);
        assert!(hover.contains(shown), "{line}: {word}: {hover}");
    }
    for (line, word, file) in [
        ("let whole", "stdout", "words.rs"),
        ("let whole", "text", "language/mod.rs"),
        ("let whole", "pass_common", "language/env.rs"),
        ("let whole", "NET_ADMIN", "names.rs"),
        ("let whole", "verbatim", "language/marks.rs"),
    ] {
        let places = client.definition(line, word);
        assert!(places.iter().any(|place| place.ends_with(file)), "{line}: {word}: {places:?}");
    }
    for (line, typed, expected) in [
        ("let key", "std", "stdout"),
        ("let kind", "stdout: bu", "buffer"),
        ("let term", "pass_com", "pass_common"),
        ("let capability", "NET_", "NET_ADMIN"),
        ("let dot", "settings.", "path_of_log"),
    ] {
        let offered = client.completion(line, typed);
        assert!(offered.iter().any(|label| label == expected), "{line}: {typed}: {offered:?}");
    }
    // One error for each mistake, all of them ours but the one of the bracket.
    let errors = client.errors();
    let ours = errors.iter().filter(|(code, _)| code == "macro-error").count();
    assert_eq!((errors.len(), ours), (6, 5), "{errors:#?}");
}
