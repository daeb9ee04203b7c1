//! Rules for the passed descriptors.

use crate::report::Report;
use crate::rules;
use crate::suggest;
use crate::syntax::args::Item;
use crate::syntax::fds::Passed;
use crate::syntax::value::Value;
use crate::syntax::{Entry, Setting};
use quote::ToTokens;
use syn::{Expr, ExprLit, Ident, Lit};

pub(super) fn list(passed: &[Passed], report: &mut Report) {
    let mut numbers: Vec<String> = Vec::new();
    let mut names: Vec<&Ident> = Vec::new();
    for entry in passed {
        if let Passed::One { number: Some(number), .. } = entry {
            descriptor_number(number, report);
            let spelled = spelled(number);
            if numbers.contains(&spelled) {
                report.refuse(
                    &rules::DESCRIPTOR_NUMBER,
                    number,
                    format!("descriptor {spelled} is specified more than once"),
                    [],
                );
            }
            numbers.push(spelled);
        }
        // One descriptor may be passed at several numbers.
        if let (Some(name), false) = (entry.name(), matches!(entry, Passed::One { number: Some(_), .. })) {
            if names.contains(&name) {
                report.refuse(&rules::DESCRIPTOR_NAME, name, format!("`{name}` is passed more than once"), []);
            }
            names.push(name);
        }
    }
}

/// The text by which two numbers are compared: the digits of a literal, the tokens of a constant.
fn spelled(number: &Expr) -> String {
    match number {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_digits().to_owned(),
        other => other.to_token_stream().to_string(),
    }
}

fn descriptor_number(number: &Expr, report: &mut Report) {
    let Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) = number else { return };
    let key = match literal.base10_parse::<i32>() {
        Ok(0) => "stdin",
        Ok(1) => "stdout",
        Ok(2) => "stderr",
        Ok(_) => return,
        Err(_) => {
            return report.refuse(
                &rules::DESCRIPTOR_NUMBER,
                number,
                "invalid descriptor number: expected 3 to 2147483647",
                [],
            );
        }
    };
    report.refuse(
        &rules::DESCRIPTOR_NUMBER,
        number,
        format!("descriptor {literal} is {key}"),
        [format!("write `{key}: fd(&file)`").as_str()],
    );
}

/// `fd(name)` names an entry of `fds`.
pub(super) fn names(entries: &[Entry], report: &mut Report) {
    let passed = entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Fds(passed) => Some(passed),
        _ => None,
    });
    let known: Vec<String> = passed.flatten().filter_map(|entry| Some(entry.name()?.to_string())).collect();
    for entry in entries {
        if let Setting::Args(items) = &entry.setting {
            items.iter().for_each(|item| item.each_value(&mut |value| descriptor_name(value, &known, report)));
        }
    }
}

fn descriptor_name(value: &Value, known: &[String], report: &mut Report) {
    for name in value.descriptors() {
        let text = name.to_string();
        match known.iter().filter(|known| **known == text).count() {
            0 => {}
            1 => continue,
            _ => {
                let help = "use a variable of its own for each number";
                report.refuse(
                    &rules::DESCRIPTOR_NAME,
                    &name,
                    format!("`{text}` is ambiguous: it is passed at several numbers"),
                    [help],
                );
                continue;
            }
        }
        let help = match suggest::nearest(&text, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("pass it: `fds: [&{text}]`"),
        };
        report.refuse(&rules::DESCRIPTOR_NAME, &name, format!("no descriptor `{text}` is passed"), [help.as_str()]);
    }
}

/// Refuses `fd(name)` in `args!`, which passes no descriptors.
pub(super) fn none_in(items: &[Item], report: &mut Report) {
    let mut refuse = |value: &Value| {
        for name in value.descriptors() {
            report.refuse(
                &rules::DESCRIPTOR_NAME,
                &name,
                "`fd(…)` cannot be used in `args!`",
                ["only a command passes descriptors: write it in `args` of `command!`"],
            );
        }
    };
    items.iter().for_each(|item| item.each_value(&mut refuse));
}
