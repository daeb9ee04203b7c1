//! Every form of `env`, compared with the environ of the child.

use airtight::command;
use airtight_tests::{Observed, alone};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// The environ of a child that is declared with `$env`.
macro_rules! seen {
    ($($env:tt)*) => {
        Observed::parse(command! { OBSERVER, env: $($env)*, stdout: buffer }.run().expect("the observer runs").stdout())
    };
}

fn common() -> Vec<String> {
    let names = ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];
    let passed = names.into_iter().filter_map(|name| Some(format!("{name}={}", std::env::var(name).ok()?)));
    let mut common: Vec<String> = passed.chain(["LC_ALL=C".to_owned()]).collect();
    common.sort_unstable();
    common
}

#[test]
fn absent_inherits_everything() {
    let _watch = airtight_tests::Watch::new();
    let observed = Observed::parse(command! { OBSERVER, stdout: buffer }.run().expect("it runs").stdout());
    let mut ours: Vec<String> =
        std::env::vars().map(|(name, value)| format!("{name}={value}").escape_default().to_string()).collect();
    ours.sort_unstable();
    assert_eq!(observed.env().len(), ours.len());
    assert_eq!(observed.variable("PATH"), std::env::var("PATH").ok().as_deref());
    assert_eq!(seen!(inherit).env(), observed.env());
}

#[test]
fn nothing_and_the_common() {
    let _watch = airtight_tests::Watch::new();
    assert!(seen!(empty).env().is_empty());
    assert_eq!(seen!(pass_common).env(), common());
    assert_eq!(seen!([pass_common]).env(), common());
}

#[test]
fn the_sum_and_the_list_mean_the_same() {
    let _watch = airtight_tests::Watch::new();
    let lang = "C.UTF-8";
    let expected = {
        let mut expected = common();
        expected.extend(["A=1", "LANG=C.UTF-8", "TERM=xterm", "Z=z=z"].map(str::to_owned));
        expected.sort_unstable();
        expected
    };
    assert_eq!(seen!(pass_common + { TERM = "xterm", A = 1 } + "Z=z=z" + { LANG = lang }).env(), expected);
    assert_eq!(seen!(pass_common + < TERM = "xterm", A = 1 > + "Z=z=z" + <LANG = lang>).env(), expected);
    assert_eq!(seen!([pass_common, TERM = "xterm", A = 1, "Z=z=z", LANG = lang]).env(), expected);
    assert_eq!(seen!([pass_common, { TERM = "xterm", A = 1 }, < LANG = lang >, "Z=z=z"]).env(), expected);
    assert_eq!(
        seen!({ "TERM" = "xterm" } + pass_common + { A: 1, "LANG": lang } + format!("Z={}=z", "z")).env(),
        expected
    );
    assert_eq!(seen!([pass_common, "TERM" = "xterm", A = 1, LANG = lang, format!("Z=z={}", "z")]).env(), expected);
}

#[test]
fn values_that_contain_angle_brackets_go_in_parentheses() {
    let _watch = airtight_tests::Watch::new();
    let n = 3;
    assert_eq!(seen!(< A = (n > 2).to_string(), B = "a>b" >).env(), ["A=true", "B=a>b"]);
}

#[test]
fn options_leave_their_variable_out() {
    let _watch = airtight_tests::Watch::new();
    let (none, some): (Option<&str>, Option<u32>) = (None, Some(5));
    assert_eq!(seen!({ A = none, B = some }).env(), ["B=5"]);
}

#[test]
fn lists_of_pairs() {
    let _watch = airtight_tests::Watch::new();
    let map = HashMap::from([("A", "1")]);
    let sorted: BTreeMap<String, PathBuf> = BTreeMap::from([("B".to_owned(), "/b".into())]);
    let slice = [("C", 3)];
    assert_eq!(seen!(empty + ..&map + ..&sorted + ..&slice + ..[("D", "4")]).env(), ["A=1", "B=/b", "C=3", "D=4"]);
    assert_eq!(seen!([..map, ..sorted, ..slice.iter(), ..[("D", "4")]]).env(), ["A=1", "B=/b", "C=3", "D=4"]);
}

#[test]
fn a_later_value_replaces_an_earlier_one() {
    let _watch = airtight_tests::Watch::new();
    assert_eq!(seen!(empty + ..[("A", "1"), ("A", "2")] + { A = 3 }).env(), ["A=3"]);
    assert_eq!(seen!(pass_common + { LC_ALL = "de_DE" }).variable("LC_ALL"), Some("de_DE"));
    assert_eq!(
        seen!(inherit + { PATH = "/nowhere" }).env().iter().filter(|entry| entry.starts_with("PATH=")).count(),
        1
    );
}

#[test]
fn passing_and_removing() {
    let _watch = airtight_tests::Watch::new();
    alone("passing_and_removing", || {
        // SAFETY: no other thread of this process reads the environ.
        unsafe { std::env::set_var("GIVEN", "given value") };
        // SAFETY: as above.
        unsafe { std::env::set_var("EMPTY", "") };
        assert_eq!(seen!(pass(GIVEN, "EMPTY", NOT_THERE)).env(), ["EMPTY=", "GIVEN=given value"]);
        assert_eq!(seen!([pass(GIVEN)]).env(), ["GIVEN=given value"]);
        let all = seen!(inherit).env().len();
        assert_eq!(seen!(remove(GIVEN, EMPTY)).env().len(), all - 2);
        assert_eq!(seen!(inherit + remove("GIVEN")).env().len(), all - 1);
        assert_eq!(seen!(inherit + { NEW = 1 } + remove(EMPTY)).env().len(), all);
        assert_eq!(seen!(pass_common + remove(PATH)).variable("PATH"), None);
    });
}

#[test]
fn the_folders_of_xdg() {
    let _watch = airtight_tests::Watch::new();
    let base = PathBuf::from("/var/lib/x");
    let expected = [
        "XDG_CACHE_HOME=/var/lib/x/.cache",
        "XDG_CONFIG_HOME=/var/lib/x/.config",
        "XDG_DATA_HOME=/var/lib/x/.local/share",
    ];
    assert_eq!(seen!(xdg(&base)).env(), expected);
    assert_eq!(seen!([xdg("/var/lib/x")]).env(), expected);
}

#[test]
fn any_bytes_but_nul() {
    let _watch = airtight_tests::Watch::new();
    use std::os::unix::ffi::OsStrExt;
    let value = std::ffi::OsStr::from_bytes(b"\xff\xfe\n=x");
    assert_eq!(seen!({ A = value }).env(), [r"A=\xff\xfe\n=x"]);
}

#[test]
fn secrets_arrive() {
    let _watch = airtight_tests::Watch::new();
    assert_eq!(seen!({ TOKEN = secret("hunter2") } + ..secret([("B", "b")])).env(), ["B=b", "TOKEN=hunter2"]);
}
