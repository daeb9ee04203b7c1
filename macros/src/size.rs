//! How deep a declaration may be, and how long a literal in it. Whoever reads it goes down as it does, and at some depth the
//! stack of the compiler ends, and the compiler with it.

use crate::report::with_help;
use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree};
use syn::Error;

/// Measured with an unoptimized macro: 8 MiB of stack, a compiler's, are used up by no fewer than 400 delimiters.
const DEEPEST: usize = 250 * DELIMITER;
/// What is read by a function that calls itself; what follows an expression needs less, a type in a type more.
const DELIMITER: usize = 16;
const FOLLOWING: usize = 1;

/// No longer than one argument or variable may be (MAX_ARG_STRLEN in execve(2)): no rule is asked about more.
const LONGEST: usize = 128 << 10;
/// The largest integer has 128 binary digits; there may be `_` between them.
const LONGEST_NUMBER: usize = 400;

/// Refuses what could not be read.
pub(crate) fn check(tokens: &TokenStream) -> Result<(), Error> {
    // Each level: what is left of it, and how deep it is.
    let mut levels = vec![Level { rest: tokens.clone().into_iter(), above: 0, here: 0, was_joint: false }];
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.rest.next() else {
            levels.pop();
            continue;
        };
        level.here = level.depth_behind(&token);
        if let TokenTree::Literal(literal) = &token {
            length(literal)?;
        }
        let above = level.above + level.here;
        if above > DEEPEST {
            let message =
                with_help("this is nested too deeply", "bind it to a variable first, and use the variable here");
            return Err(Error::new(token.span(), message));
        }
        if let TokenTree::Group(group) = token {
            levels.push(Level {
                rest: group.stream().into_iter(),
                above: above + DELIMITER,
                here: 0,
                was_joint: false,
            });
        }
    }
    Ok(())
}

fn length(literal: &Literal) -> Result<(), Error> {
    let text = literal.to_string();
    if text.starts_with(|first: char| first.is_ascii_digit()) && text.len() > LONGEST_NUMBER {
        return Err(Error::new(literal.span(), "number literal with too many digits"));
    }
    if text.len() > LONGEST {
        let help = "no argument can be that long; bytes for `stdin` or `data(…)` can be `include_str!(…)`";
        return Err(Error::new(literal.span(), with_help("literal longer than 128 KiB", help)));
    }
    Ok(())
}

struct Level {
    rest: proc_macro2::token_stream::IntoIter,
    /// How deep the levels around it are.
    above: usize,
    /// What stands before without an end of the expression: operators before their operand, types in types, `else`.
    here: usize,
    was_joint: bool,
}

impl Level {
    fn depth_behind(&mut self, token: &TokenTree) -> usize {
        let was_joint = self.was_joint;
        self.was_joint = false;
        match token {
            TokenTree::Punct(punct) => {
                self.was_joint = punct.spacing() == Spacing::Joint;
                match punct.as_char() {
                    ',' | ';' => 0,
                    // An arm's pattern is behind.
                    '>' if was_joint => 0,
                    '<' => self.here + 4 * DELIMITER,
                    '&' => self.here + 2 * DELIMITER,
                    // A comparison: its sides are read one after the other.
                    '=' if was_joint || self.was_joint => self.here + FOLLOWING,
                    '!' | '-' | '*' | '|' | '=' => self.here + DELIMITER,
                    _ => self.here + FOLLOWING,
                }
            }
            TokenTree::Ident(ident) => {
                let keywords = [
                    "else", "if", "match", "move", "return", "break", "async", "unsafe", "loop", "while", "for", "let",
                ];
                let is_keyword = keywords.iter().any(|keyword| ident == keyword);
                self.here + if is_keyword { DELIMITER } else { FOLLOWING }
            }
            // A statement ends with it, unless there is an `else`.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !self.has_else() => 0,
            TokenTree::Group(_) | TokenTree::Literal(_) => self.here + FOLLOWING,
        }
    }

    fn has_else(&self) -> bool {
        self.rest.clone().next().is_some_and(|next| matches!(next, TokenTree::Ident(ident) if ident == "else"))
    }
}
