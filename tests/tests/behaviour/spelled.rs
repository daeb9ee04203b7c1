//! Arguments that count as spelled in the source, and may begin with `-`.

use airtight::{ErrorKind, Rule, args, command};
use airtight_tests::Observed;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const COMMON: &[&str] = &["--quiet", "--batch"];
const FLAG: &str = "-f";
static STATIC: &[&str] = &["--static"];

struct Tool;

impl Tool {
    const FLAG: &'static str = "-a";
    const LIST: [&'static str; 2] = ["-a", "-l"];
}

/// The argv of a child, or the index of a refused argument.
macro_rules! seen {
    ($($list:tt)*) => {
        match (command! { OBSERVER, args: [$($list)*], stdout: buffer }).run() {
            Ok(output) => Ok(Observed::parse(output.stdout()).args().into_iter().map(str::to_owned).collect::<Vec<_>>()),
            Err(error) => match error.kind() {
                ErrorKind::Refused { rule: Rule::OptionInjection, argument, .. } => Err(argument.expect("a place")),
                _ => panic!("{error}"),
            },
        }
    };
}

fn words(words: &[&str]) -> Result<Vec<String>, usize> {
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn constant_lists() {
    let _watch = airtight_tests::Watch::new();
    assert_eq!(seen![..COMMON], words(&["--quiet", "--batch"]));
    assert_eq!(seen![..&Tool::LIST, ..Tool::LIST, Tool::FLAG], words(&["-a", "-l", "-a", "-l", "-a"]));
    assert_eq!(seen![..STATIC], words(&["--static"]));
    assert_eq!(seen![..args![..COMMON, FLAG]], words(&["--quiet", "--batch", "-f"]));
    assert_eq!(seen!["x", ..secret(COMMON)], words(&["x", "--quiet", "--batch"]));
}

#[test]
fn literal_lists() {
    let _watch = airtight_tests::Watch::new();
    let (fine, option) = ("fine", "-rf");
    assert_eq!(seen![..["-x", "-y"]], words(&["-x", "-y"]));
    assert_eq!(seen![..&["-x", FLAG, fine]], words(&["-x", "-f", "fine"]));
    assert_eq!(seen!["a", ..["-x", option]], Err(3));
    assert_eq!(seen![..[option, "-x"], ..["-rf"]], Err(1));
    let list = ["-x", "-y"];
    assert_eq!(seen![..list], Err(1), "the value of a variable is computed");
}

#[test]
#[allow(clippy::unnecessary_lazy_evaluations, reason = "what a closure gives is spelled too")]
fn literals_that_an_expression_gives() {
    let _watch = airtight_tests::Watch::new();
    let (yes, no, none, option) = (true, false, None::<&str>, Some("-rf"));
    assert_eq!(seen![yes.then_some("--yes"), no.then_some("--no")], words(&["--yes"]));
    assert_eq!(seen![yes.then(|| "--yes"), Some("-x"), yes.then_some(FLAG)], words(&["--yes", "-x", "-f"]));
    assert_eq!(seen![none.unwrap_or("-n"), none.or(Some("-o")), none.map_or("-m", |x| x)], words(&["-n", "-o", "-m"]));
    assert_eq!(seen![none.unwrap_or_else(|| "-n"), yes.then_some(if no { "-a" } else { "-b" })], words(&["-n", "-b"]));
    // The other value that it may return is guarded.
    assert_eq!(seen![option.unwrap_or("-n")], Err(1));
    assert_eq!(seen!["a", option.or(Some("-n"))], Err(2));
    assert_eq!(seen![yes.then_some(option)], Err(1));
    assert_eq!(seen![Some("-").map(|dash| format!("{dash}rf"))], Err(1));
    assert_eq!(seen!["x-rf".trim_start_matches("x")], Err(1));
}
