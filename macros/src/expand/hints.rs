//! Hints for editors: each word of the language in a declaration, complete or not, becomes a path to the item that
//! documents it. rust-analyzer uses them for hover, go to definition, and the completion of a partial word.
//!
//! The expansion has them only if the macro runs inside rust-analyzer, so that rustc need not compile them. (A
//! `cfg(rust_analyzer)` in the expansion would cause a warning about an unknown `cfg` at every declaration.)

use super::names::hidden;
use crate::language::words::{MARKS, Stream};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use std::sync::OnceLock;

/// Statements with the words of a declaration, and with the receivers of unfinished method calls.
#[derive(Default)]
pub(crate) struct Hints {
    statements: TokenStream,
}

/// Whether the macro runs inside the macro server of an editor, a program other than rustc.
fn is_editor() -> bool {
    static IS_EDITOR: OnceLock<bool> = OnceLock::new();
    *IS_EDITOR.get_or_init(|| {
        let program = std::env::current_exe().unwrap_or_default();
        program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rust-analyzer"))
    })
}

/// The tokens between commas.
fn entries(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut entries = vec![Vec::new()];
    for token in tokens {
        let is_comma = is_punct(&token, ',');
        match entries.last_mut() {
            Some(entry) if !is_comma => entry.push(token),
            _ => entries.push(Vec::new()),
        }
    }
    entries
}

impl Hints {
    /// `None` outside an editor.
    pub(crate) fn of_declaration(tokens: &TokenStream) -> Option<Hints> {
        is_editor().then(|| Hints::in_declaration(tokens))
    }

    /// As [`of_declaration`](Self::of_declaration), for the list of `args!`.
    pub(crate) fn of_arguments(tokens: &TokenStream) -> Option<Hints> {
        is_editor().then(|| {
            let mut hints = Hints::default();
            hints.marks(tokens.clone());
            hints.receivers(tokens.clone());
            hints
        })
    }

    fn in_declaration(tokens: &TokenStream) -> Hints {
        let mut hints = Hints::default();
        for (index, entry) in entries(tokens.clone()).iter().enumerate() {
            // The first entry is the program, unless it has a value like a key.
            if index > 0 || entry.len() > 1 {
                hints.entry(entry);
            }
        }
        hints.marks(tokens.clone());
        hints.receivers(tokens.clone());
        hints
    }

    /// The expansion for an editor. For completion, it must be the same up to the word with and without the completed
    /// word: so the hints come first, and the mistakes last.
    pub(crate) fn around(&self, expansion: &TokenStream, errors: &TokenStream) -> TokenStream {
        let (statements, value) = (&self.statements, hidden("value"));
        quote!({ #statements match #expansion { #value => { #errors #value } } })
    }

    fn word(&mut self, module: &str, word: &Ident) {
        let module = Ident::new(module, Span::call_site());
        self.statements.extend(quote!(use ::airtight::language::#module::#word as _;));
    }

    /// The receiver in `settings.`, so that an editor completes its fields.
    fn receivers(&mut self, tokens: TokenStream) {
        for entry in entries(tokens) {
            let value = entry.rsplit(|token| is_punct(token, '=') || is_punct(token, ':')).next().unwrap_or_default();
            let is_part = |token: &TokenTree| match token {
                TokenTree::Ident(_) => true,
                TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | '&' | '?'),
                TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
                TokenTree::Literal(_) => false,
            };
            if value.iter().all(is_part) && value.iter().any(|token| is_punct(token, '.')) {
                let end = value.iter().rposition(|token| !is_punct(token, '.')).map_or(0, |end| end + 1);
                let receiver: TokenStream = value[..end].iter().cloned().collect();
                if syn::parse2::<syn::Expr>(receiver.clone()).is_ok() {
                    self.statements.extend(quote!(let _ = &(#receiver);));
                }
            }
            // Variables of a closure or a block are not in scope here.
            if !entry.iter().any(|token| is_punct(token, '|') || is_punct(token, ';')) {
                entry.iter().filter_map(group).for_each(|inner| self.receivers(inner));
            }
        }
    }

    fn entry(&mut self, entry: &[TokenTree]) {
        let [TokenTree::Ident(key), value @ ..] = entry else { return };
        let is_key = match value.first() {
            None => true,
            Some(token @ TokenTree::Punct(_)) => is_punct(token, ':') || is_punct(token, '='),
            Some(TokenTree::Group(_)) => key == "session",
            Some(_) => false,
        };
        if !is_key || value.get(1).is_some_and(|second| is_punct(second, ':')) {
            return;
        }
        self.word("keys", key);
        let value = value.get(1..).unwrap_or_default();
        let first = value.iter().find_map(ident);
        match key.to_string().as_str() {
            "env" => self.terms(value),
            "stdin" => self.kinds(Stream::Stdin, value),
            "stdout" | "stdio" => self.kinds(Stream::Stdout, value),
            "stderr" => self.kinds(Stream::Stderr, value),
            "status" => first.into_iter().for_each(|word| self.word("status", word)),
            "descendants" => first.into_iter().for_each(|word| self.word("descendants", word)),
            "timeout" => {
                for group in value.iter().filter_map(group) {
                    entries(group).iter().filter_map(|entry| signal(entry)).for_each(|word| self.word("signals", word));
                }
            }
            "pdeathsig" => first.into_iter().for_each(|word| self.word("signals", word)),
            module @ ("caps" | "limits") => {
                for group in value.iter().filter_map(group) {
                    entries(group).iter().filter_map(|entry| ident(entry.first()?)).for_each(|word| {
                        self.word(module, word);
                    });
                }
            }
            _ => {}
        }
    }

    /// Adds the first word, and the words of the branches of a choice.
    fn kinds(&mut self, stream: Stream, value: &[TokenTree]) {
        let Some(first) = value.first().and_then(ident) else { return };
        if first != "if" && first != "match" {
            return self.word(stream.name(), first);
        }
        for branch in value.iter().filter_map(group) {
            let words: Vec<TokenTree> = branch.into_iter().collect();
            words.iter().filter_map(ident).filter(|word| stream.kinds().iter().any(|kind| word == kind)).for_each(
                |word| {
                    self.word(stream.name(), word);
                },
            );
        }
    }

    /// Adds the terms of `env`: a term begins the value, follows a `+`, or begins an entry of a list.
    fn terms(&mut self, value: &[TokenTree]) {
        if let [TokenTree::Group(list)] = value
            && list.delimiter() == Delimiter::Bracket
        {
            for entry in entries(list.stream()) {
                let is_pair = entry.get(1).is_some_and(|second| is_punct(second, '='));
                if let Some(word) = entry.first().and_then(ident).filter(|_| !is_pair) {
                    self.word("env", word);
                }
            }
            return;
        }
        for term in value.split(|token| is_punct(token, '+')) {
            if let Some(word) = term.first().and_then(ident) {
                self.word("env", word);
            }
        }
    }

    /// Adds the marks, such as `verbatim(…)`, in any place.
    fn marks(&mut self, tokens: TokenStream) {
        let mut previous: Option<Ident> = None;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => previous = Some(word),
                TokenTree::Group(group) => {
                    let mark = previous.take().filter(|_| group.delimiter() == Delimiter::Parenthesis);
                    if let Some(word) = mark.filter(|word| MARKS.iter().any(|mark| word == mark)) {
                        self.word("marks", &word);
                    }
                    self.marks(group.stream());
                }
                _ => previous = None,
            }
        }
    }
}

fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    }
}

/// The word in `signal = word`.
fn signal(entry: &[TokenTree]) -> Option<&Ident> {
    let is_signal = ident(entry.first()?)? == "signal" && is_punct(entry.get(1)?, '=');
    entry.get(2).and_then(ident).filter(|_| is_signal)
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn group(token: &TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Hints;
    use crate::language::words::{DESCENDANTS, ENV_TERMS, MARKS};

    fn words(declaration: &str) -> String {
        let hints = Hints::in_declaration(&declaration.parse().unwrap());
        let statements = hints.statements.to_string().replace(" as _ ;", "").replace(" :: ", "::");
        statements.replace("use::airtight::language::", "")
    }

    #[test]
    fn every_word_is_named_finished_or_not() {
        for (declaration, expected) in [
            ("\"a\", std", "keys::std"),
            ("\"a\", stdout: bu", "keys::stdout stdout::bu"),
            ("\"a\", stdout: buffer(max = 1), daemonize", "keys::stdout stdout::buffer keys::daemonize"),
            ("\"a\", stderr = if c { null } else { stdout }", "keys::stderr stderr::null stderr::stdout"),
            ("\"a\", env: pass_com", "keys::env env::pass_com"),
            ("\"a\", env: pass_common + pass(A) + { B = x }", "keys::env env::pass_common env::pass"),
            ("\"a\", env = [inherit, A = 1, remove(B)]", "keys::env env::inherit env::remove"),
            ("\"a\", caps: keep(NET_ADMIN, SYS_)", "keys::caps caps::NET_ADMIN caps::SYS_"),
            ("\"a\", limits: [nofile = 1, co]", "keys::limits limits::nofile limits::co"),
            ("\"a\", pdeathsig: SIG", "keys::pdeathsig signals::SIG"),
            ("\"a\", timeout: after(d, grace = g, signal = SIGI)", "keys::timeout signals::SIGI marks::after"),
            ("\"a\", descendants: k", "keys::descendants descendants::k"),
            ("\"a\", status: success(1)", "keys::status status::success"),
            ("\"a\", args: [verbatim(x), if c { secret(y) }]", "keys::args marks::verbatim marks::secret"),
            ("\"a\", session(terminal)", "keys::session"),
            ("path::to::PROGRAM, cwd: x", "keys::cwd"),
            ("program, args: []", "keys::args"),
            ("args: []", "keys::args"),
            ("\"a\", cwd: s.", "keys::cwd let _ = & (s) ;"),
            ("\"a\", args: [\"--b\" = s.x.]", "keys::args let _ = & (s . x) ;"),
            ("\"a\", args: [f(|line| line.), 1.5, a.b()]", "keys::args let _ = & (a . b ()) ;"),
        ] {
            assert_eq!(words(declaration), expected, "{declaration}");
        }
    }

    /// Each word of the language is an item of the runtime, with documentation. (The items of keys, limits,
    /// capabilities and signals are made from their tables.)
    #[test]
    fn every_word_has_an_item() {
        let has = |file: &str, word: &str| {
            let path = format!("{}/../runtime/src/language/{file}.rs", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).unwrap();
            let lines: Vec<&str> = source.lines().collect();
            let at = lines.iter().position(|line| line.starts_with(&format!("pub const {word}:")));
            assert!(at.is_some_and(|at| lines[at - 1].starts_with("/// ")), "{file}: {word}");
        };
        ENV_TERMS.iter().for_each(|word| has("env", word));
        MARKS.iter().for_each(|word| has("marks", word));
        DESCENDANTS.iter().for_each(|word| has("descendants", word));
    }
}
