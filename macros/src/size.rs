//! Bounds on the nesting of a declaration and on the length of its literals. The parser is recursive: without a bound,
//! deep nesting would overflow the stack of the compiler.

use crate::report::with_help;
use proc_macro2::{Delimiter, Literal, Spacing, TokenStream, TokenTree};
use syn::Error;

/// The bound: 250 delimiters. Measured with an unoptimized macro: 400 do not yet overflow the 8 MiB stack of rustc.
const DEEPEST: usize = 250 * DELIMITER;
/// The cost of a token that makes the parser recurse. A token after an expression costs less, a nested type more.
const DELIMITER: usize = 16;
const FOLLOWING: usize = 1;

/// The maximum length of one argument or variable (MAX_ARG_STRLEN in execve(2)), so rules never see longer texts.
const LONGEST: usize = 128 << 10;
/// The largest integer has 128 binary digits, which `_` may separate.
const LONGEST_NUMBER: usize = 400;

/// Refuses tokens that exceed a bound.
pub(crate) fn check(tokens: &TokenStream) -> Result<(), Error> {
    // One level for each open delimiter.
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
    /// The depth of the levels around it.
    above: usize,
    /// The depth within this level since the last end of an expression: prefix operators, nested types, `else`.
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
                    // The end of a match pattern.
                    '>' if was_joint => 0,
                    '<' => self.here + 4 * DELIMITER,
                    '&' => self.here + 2 * DELIMITER,
                    // A comparison: the parser does not recurse for its sides.
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
            // A block ends a statement, unless an `else` follows.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !self.has_else() => 0,
            TokenTree::Group(_) | TokenTree::Literal(_) => self.here + FOLLOWING,
        }
    }

    fn has_else(&self) -> bool {
        self.rest.clone().next().is_some_and(|next| matches!(next, TokenTree::Ident(ident) if ident == "else"))
    }
}
