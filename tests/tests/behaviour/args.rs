//! Every form of `args`, compared with the argv of the child.

use airtight::{Args, ErrorKind, Rule, args, command};
use airtight_tests::Observed;
use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// The argv of a child, without argv[0].
macro_rules! seen {
    ($($list:tt)*) => {{
        let output = command! { OBSERVER, args: [$($list)*], stdout: buffer }.run().expect("the observer runs");
        let seen = Observed::parse(output.stdout());
        seen.args().into_iter().map(str::to_owned).collect::<Vec<_>>()
    }};
}

#[test]
fn literals() {
    let _watch = airtight_tests::Watch::new();
    assert_eq!(
        seen!["--all", "", "a b", "'", verbatim("$HOME"), "*", "caf\u{e9}"],
        ["--all", "", "a b", "\\'", "$HOME", "*", "caf\\xc3\\xa9"]
    );
    assert_eq!(seen![1, -1, 1_000, 0x10, 1.5, -0.5, 'x', 7u8], ["1", "-1", "1000", "16", "1.5", "-0.5", "x", "7"]);
    assert_eq!(seen![c"c string", b"\xff\xfe", r"raw\n"], ["c string", "\\xff\\xfe", "raw\\\\n"]);
}

#[test]
fn computed_values_of_every_type() {
    let _watch = airtight_tests::Watch::new();
    let text = String::from("text");
    let (path, os): (PathBuf, OsString) = ("/a/path".into(), "os".into());
    assert_eq!(seen![text, &text, text.as_str(), &&text, path, &path, Path::new("/p"), os, OsStr::new("o")].len(), 9);
    let (c, borrowed): (CString, &CStr) = (c"owned".to_owned(), c"borrowed");
    assert_eq!(seen![c, &c, borrowed], ["owned", "owned", "borrowed"]);
    let (cow, cow_path): (Cow<'_, str>, Cow<'_, Path>) = ("cow".into(), Path::new("/cow").into());
    assert_eq!(seen![cow, &cow, cow_path, Cow::Borrowed(OsStr::new("cos"))], ["cow", "cow", "/cow", "cos"]);
    let (boxed, rc, arc): (Box<str>, Rc<str>, Arc<Path>) = ("b".into(), "r".into(), Path::new("/a").into());
    assert_eq!(seen![boxed, rc, arc], ["b", "r", "/a"]);
    let (byte, big, char) = (255u8, u128::MAX, 'é');
    assert_eq!(seen![byte, &byte, big, 5usize, char][..2], ["255", "255"]);
    assert_eq!(seen![format!("{}-{}", 1, 2), 2 + 3, { "block" }], ["1-2", "5", "block"]);
}

#[test]
fn values_of_generic_and_foreign_types() {
    let _watch = airtight_tests::Watch::new();
    struct Label(&'static str);
    impl AsRef<OsStr> for Label {
        fn as_ref(&self) -> &OsStr {
            self.0.as_ref()
        }
    }
    fn pass<S: AsRef<OsStr>>(generic: S) -> Vec<String> {
        seen![generic, &generic]
    }
    assert_eq!(pass("x"), ["x", "x"]);
    assert_eq!(seen![Label("own")], ["own"]);
}

#[test]
fn options_of_a_value() {
    let _watch = airtight_tests::Watch::new();
    let (none, some): (Option<&str>, Option<String>) = (None, Some("there".into()));
    assert_eq!(seen![none, some, &some, some.as_deref()], ["there", "there", "there"]);
    assert_eq!(seen!["--a" = none, "--b" = &some, ("--c", none), ("--d", &some)], ["--b=there", "--d", "there"]);
    assert_eq!(seen![("--mtu", Some(1500)), ("--mtu", None::<u16>)], ["--mtu", "1500"]);
}

#[test]
fn pairs() {
    let _watch = airtight_tests::Watch::new();
    const FLAG: &str = "--constant";
    let value = String::from("-v");
    assert_eq!(
        seen!["--key" = value, "--key" = "literal", "--n" = 3, FLAG = &value],
        ["--key=-v", "--key=literal", "--n=3", "--constant=-v"]
    );
    assert_eq!(
        seen![("-m", value), ("-m", "lit"), (FLAG, 5), ("-m", -5)],
        ["-m", "-v", "-m", "lit", "--constant", "5", "-m", "-5"]
    );
    assert_eq!(seen!["if" = "/dev/zero", "--e" = ""], ["if=/dev/zero", "--e="]);
    assert_eq!(seen!["--k" = if value.is_empty() { "a" } else { "b" }], ["--k=b"]);
}

#[test]
fn spreads() {
    let _watch = airtight_tests::Watch::new();
    let owned = vec!["a".to_owned(), "b".to_owned()];
    let none: Option<&str> = None;
    assert_eq!(seen![..&owned, ..owned.iter(), ..["c", "d"], ..none, ..Some("e")], ["a", "b", "a", "b", "c", "d", "e"]);
    assert_eq!(seen![..(1..4).map(|n| n * n), ..owned], ["1", "4", "9", "a", "b"]);
    assert_eq!(seen![..verbatim(["-x", "-y"])], ["-x", "-y"]);
    let list: Args = args!["--checked", "-x", ("-o", "-v")];
    assert_eq!(seen![..&list, ..list], ["--checked", "-x", "-o", "-v", "--checked", "-x", "-o", "-v"]);
}

#[test]
fn branches() {
    let _watch = airtight_tests::Watch::new();
    let (yes, no, some) = (true, false, Some("s"));
    assert_eq!(
        seen![
            if yes {
                "--yes"
            },
            if no {
                "--no"
            }
        ],
        ["--yes"]
    );
    assert_eq!(
        seen![if no {
            "a"
        } else if yes {
            ["b", "c"]
        } else {
            "d"
        }],
        ["b", "c"]
    );
    assert_eq!(
        seen![
            if let Some(s) = some {
                ("--some", s)
            },
            if let None::<u8> = None {
                []
            }
        ],
        ["--some", "s"]
    );
    assert_eq!(
        seen![if let Some(s) = some
            && yes
        {
            "--both" = s
        }],
        ["--both=s"]
    );
    for (n, expected) in [(0, vec!["--zero"]), (1, vec!["--one", "1"]), (7, vec![]), (50, vec!["--many=50"])] {
        let seen = seen![match n {
            0 => "--zero",
            1 => ["--one", n],
            many if many > 9 => "--many" = many,
            _ => {}
        }];
        assert_eq!(seen, expected);
    }
    assert_eq!(
        seen![for (i, x) in ["a", "b"].iter().enumerate() {
            [("-i", i), x]
        }],
        ["-i", "0", "a", "-i", "1", "b"]
    );
}

#[test]
fn branches_within_branches() {
    let _watch = airtight_tests::Watch::new();
    let xs = [Some(1), None, Some(3)];
    let seen = seen![
        "first",
        for x in xs {
            if let Some(x) = x {
                [
                    "--x",
                    match x {
                        1 => "one",
                        _ => ["many", ..["of", "them"]],
                    },
                    if x > 2 {
                        "!"
                    },
                ]
            } else {
                "--none"
            }
        },
        "last"
    ];
    assert_eq!(seen, ["first", "--x", "one", "--none", "--x", "many", "of", "them", "!", "last"]);
}

#[test]
fn a_branch_holds_statements_of_its_own() {
    let _watch = airtight_tests::Watch::new();
    let n = 3;
    assert_eq!(
        seen![if n > 2 {
            let twice = n * 2;
            let text = format!("n{twice}");
            ["--n", text]
        }],
        ["--n", "n6"]
    );
}

#[test]
fn evaluated_where_the_macro_stands() {
    let _watch = airtight_tests::Watch::new();
    fn build(number: &str) -> Result<Vec<String>, std::num::ParseIntError> {
        Ok(seen![
            "--n",
            number.parse::<u8>()?,
            if true {
                number.parse::<i16>()?
            }
        ])
    }
    assert_eq!(build("5").expect("a number"), ["--n", "5", "5"]);
    assert!(build("five").is_err());
    let mut order = Vec::new();
    let mut next = |n: u8| {
        order.push(n);
        n
    };
    let _ = command! { "true", args: [next(1), "--k" = next(2), ..[next(3)], if next(4) == 4 { next(5) }, next(6)] };
    assert_eq!(order, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_command_is_built_across_an_await() {
    let _watch = airtight_tests::Watch::new();
    fn spawnable<T: Send + 'static>(_: T) {}
    async fn name() -> String {
        "later".to_owned()
    }
    spawnable(async {
        let n = 5;
        let command = command! { "true", args: [n, name().await, if n > 4 { name().await }] };
        name().await;
        assert_eq!(command.to_string(), "true 5 later later");
    });
}

#[test]
fn computed_options_are_refused() {
    let _watch = airtight_tests::Watch::new();
    let (option, fine) = ("--output=/etc/passwd".to_owned(), "fine");
    let refused = |error: airtight::Error, index: usize| {
        assert!(
            matches!(error.kind(), ErrorKind::Refused { rule: Rule::OptionInjection, argument: Some(at), .. } if *at == index),
            "{error:?}"
        );
        assert!(error.to_string().contains(&format!("argument {index} is computed and begins with `-`")), "{error}");
    };
    refused(command! { "true", args: [option] }.run().unwrap_err(), 1);
    refused(command! { "true", args: ["a", fine, &option] }.run().unwrap_err(), 3);
    refused(command! { "true", args: ["a", ..[fine, &option]] }.run().unwrap_err(), 3);
    refused(command! { "true", args: [format!("{option}x")] }.run().unwrap_err(), 1);
    refused(command! { "true", args: [-5i32 + 1] }.run().unwrap_err(), 1);
    refused(command! { "true", args: [secret(&option)] }.run().unwrap_err(), 1);
    refused(command! { "true", args: [Some(&option)] }.run().unwrap_err(), 1);
    refused(command! { "true", args: [if !option.is_empty() { &option }] }.run().unwrap_err(), 1);
    // The first of a pair is not an option here, so that the program reads the second as an argument of its own.
    refused(command! { "true", args: [("commit", &option)] }.run().unwrap_err(), 2);
    let inner = args!["ok", &option];
    refused(command! { "true", args: ["first", ..inner] }.run().unwrap_err(), 3);
}

#[test]
fn what_is_spelled_in_the_source_is_not_refused() {
    let _watch = airtight_tests::Watch::new();
    const OPTION: &str = "-x";
    mod constants {
        pub(super) const OTHER: &str = "-y";
    }
    let option = "-z";
    assert_eq!(seen!["--", option], ["--", "-z"]);
    assert_eq!(
        seen![
            if true {
                "--"
            },
            option,
            ..[option]
        ],
        ["--", "-z", "-z"]
    );
    assert_eq!(seen![verbatim(option), "--k" = option, ("-k", option)], ["-z", "--k=-z", "-k", "-z"]);
    assert_eq!(
        seen![format!("--k{option}"), format!("-{{{}", 1), OPTION, constants::OTHER],
        ["--k-z", "-{1", "-x", "-y"]
    );
    assert_eq!(seen![concat!("-", "c"), if true { "-lit" } else { "-other" }], ["-c", "-lit"]);
    assert_eq!(seen!["-", String::from("-"), u32::MAX], ["-", "-", "4294967295"]);
    assert_eq!(seen![verbatim(secret(option)), secret(verbatim(option))], ["-z", "-z"]);
}

#[test]
fn argv0_instead_of_the_path() {
    let _watch = airtight_tests::Watch::new();
    let observed = |output: airtight::Output<_>| -> String { Observed::parse(output.stdout()).argv0().to_owned() };
    let name = format!("-{}", "login");
    assert_eq!(observed(command! { OBSERVER, argv0: name, stdout: buffer }.run().expect("it runs")), "-login");
    assert_eq!(observed(command! { OBSERVER, argv0: "literal", stdout: buffer }.run().expect("it runs")), "literal");
    let none: Option<&str> = None;
    assert_eq!(observed(command! { OBSERVER, argv0: none, stdout: buffer }.run().expect("it runs")), OBSERVER);
}
