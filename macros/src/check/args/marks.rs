//! Rules for NUL bytes, pairs and marks in arguments.

use crate::check::value;
use crate::report::Report;
use crate::rules;
use crate::syntax::args::{Body, Item};
use crate::syntax::value::Value;

pub(in crate::check) fn items(items: &[Item], report: &mut Report) {
    for item in items {
        match item {
            Item::Word(word) => value::nul(word, "an argument", report),
            Item::Pair { key, value } => {
                pair_key(key, report);
                value::nul(value, "an argument", report);
            }
            Item::OptionWithValue { option, value } => {
                option_is_no_value(option, report);
                value::nul(option, "an argument", report);
                value::nul(value, "an argument", report);
            }
            Item::Spread(_) => {}
            Item::If { then, otherwise, .. } => {
                body(then, report);
                otherwise.iter().for_each(|otherwise| body(otherwise, report));
            }
            Item::Match { arms, .. } => arms.iter().for_each(|(_, arm)| body(arm, report)),
            Item::For { body: inner, .. } => body(inner, report),
        }
    }
}

fn body(body: &Body, report: &mut Report) {
    items(&body.items, report);
}

fn pair_key(key: &Value, report: &mut Report) {
    value::nul(key, "an argument", report);
    let Some(bytes) = key.literal() else { return };
    if bytes.is_empty() {
        report.refuse(&rules::PAIR_KEY, &key.expr, "the option before `=` is empty", []);
    } else if bytes.ends_with(b"=") {
        report.refuse(
            &rules::PAIR_KEY,
            &key.expr,
            "the argument would contain two `=`",
            ["remove the `=` from the literal: `\"--option\" = value` is passed as `--option=value`"],
        );
    }
}

fn option_is_no_value(option: &Value, report: &mut Report) {
    if option.marks.secret {
        report.refuse(&rules::MISPLACED_MARK, &option.expr, "an option's name cannot be `secret`", ["mark its value"]);
    }
}
