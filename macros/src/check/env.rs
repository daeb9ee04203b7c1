//! Rules for the environment.

use super::value;
use crate::report::Report;
use crate::rules;
use crate::syntax::env::{Environment, Name, Term};
use crate::syntax::value::Value;
use quote::ToTokens;
use syn::Ident;

pub(super) fn environment(environment: &Environment, report: &mut Report) {
    let mut seen: Vec<String> = Vec::new();
    for term in &environment.terms {
        let (name, shown) = match term {
            Term::Pass(name) | Term::Remove(name) => (variable_name(name, report), name.shown.clone()),
            Term::Set { name, value } => {
                value::nul(value, &format!("the value of `{}`", name.text), report);
                (variable_name(name, report), name.shown.clone())
            }
            Term::Entry(entry) => (entry_name(entry, report), entry.expr.to_token_stream()),
            Term::Xdg(base) => {
                value::relative_path(base, "xdg", report);
                continue;
            }
            Term::Pairs(spread) => {
                if spread.marks.verbatim {
                    report.refuse(
                        &rules::MISPLACED_MARK,
                        &spread.list,
                        "`verbatim` has no effect on variables",
                        ["remove `verbatim`"],
                    );
                }
                continue;
            }
            Term::Inherit(_) | Term::Empty(_) | Term::PassCommon(_) => continue,
        };
        let Some(name) = name else { continue };
        if seen.contains(&name) {
            report.refuse(&rules::NAMED_TWICE, shown, format!("variable `{name}` is specified more than once"), []);
        }
        seen.push(name);
    }
    words_once(environment, report);
}

/// The name, if it is valid for a variable.
fn variable_name(name: &Name, report: &mut Report) -> Option<String> {
    let fault = match name.text.as_str() {
        "" => "the variable's name is empty",
        text if text.contains('=') => "the variable's name contains `=`",
        text if text.contains('\0') => "the variable's name contains a NUL byte",
        text => return Some(text.to_owned()),
    };
    report.refuse(&rules::VARIABLE_NAME, &name.shown, fault, []);
    None
}

/// The name in `"NAME=value"`.
fn entry_name(entry: &Value, report: &mut Report) -> Option<String> {
    value::nul(entry, "a variable", report);
    let text = String::from_utf8_lossy(entry.literal()?).into_owned();
    match text.split_once('=') {
        Some(("", _)) => report.refuse(&rules::VARIABLE_NAME, &entry.expr, "the variable's name is empty", []),
        Some((name, _)) => return Some(name.to_owned()),
        None => report.refuse(
            &rules::VARIABLE_NAME,
            &entry.expr,
            "missing `=` in this variable",
            [format!("write `\"{text}=value\"`, or `pass({text})` to pass the parent's value").as_str()],
        ),
    }
    None
}

fn words_once(environment: &Environment, report: &mut Report) {
    let words = environment.terms.iter().filter_map(|term| match term {
        Term::Inherit(word) | Term::Empty(word) | Term::PassCommon(word) => Some(word),
        _ => None,
    });
    let words: Vec<_> = words.collect();
    for (index, word) in words.iter().enumerate() {
        if words[..index].contains(word) {
            report.refuse(&rules::NAMED_TWICE, word, format!("`{word}` is specified more than once"), []);
        }
    }
    contradicting_terms(&words, report);
}

fn contradicting_terms(words: &[&Ident], report: &mut Report) {
    let written = |name: &str| words.iter().find(|word| **word == name);
    if let (Some(_), Some(empty)) = (written("inherit"), written("empty")) {
        report.refuse(
            &rules::CONTRADICTING_TERMS,
            empty,
            "`empty` cannot be used with `inherit`",
            ["remove one of them"],
        );
    }
}
