//! The modules of a package, and which of them name items of which others. Modules that are compiled for tests alone
//! are left out.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file, by its module path: `spawn::child`; the root is `lib`.
pub(crate) struct Sources {
    files: BTreeMap<String, File>,
    arrows: BTreeSet<(String, String)>,
}

#[derive(Default)]
struct File {
    /// The names that its `use` items bind, and the paths behind them.
    imports: BTreeMap<String, Vec<String>>,
    /// Every path that it names, but those of re-exports; absolute, without `crate`.
    paths: BTreeSet<Vec<String>>,
    /// The names that it re-exports, and the paths behind them.
    exported: BTreeMap<String, Vec<String>>,
    /// The identifiers in its code: a re-exported name that is among them is a use.
    words: BTreeSet<String>,
}

impl Sources {
    pub(crate) fn read(folder: &Path) -> Sources {
        let mut texts = BTreeMap::new();
        collect(folder, &[], &mut texts);
        let names: BTreeSet<String> = texts.keys().cloned().collect();
        let mut files = BTreeMap::new();
        for (name, text) in &texts {
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{name} is not Rust: {error}"));
            let mut file = File::default();
            let module = if name == "lib" { Vec::new() } else { name.split("::").map(str::to_owned).collect() };
            Walk { names: &names, file: &mut file }.items(tokens, &module);
            files.insert(name.clone(), file);
        }
        let mut sources = Sources { files, arrows: BTreeSet::new() };
        sources.arrows = sources.all_arrows();
        sources
    }

    pub(crate) fn has(&self, module: &str) -> bool {
        self.files.contains_key(module)
    }

    /// Which file names an item of which other.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.arrows.iter().map(|(file, used)| (file.as_str(), used.as_str()))
    }

    /// The paths to items of the root itself, which would be in no layer.
    pub(crate) fn to_the_root(&self) -> impl Iterator<Item = String> {
        let paths = self.files.iter().flat_map(|(name, file)| file.paths.iter().map(move |path| (name, path)));
        let is_roots = |path: &[String]| self.home(path, 0).is_some_and(|home| home == "lib");
        paths
            .filter(move |(name, path)| *name != "lib" && is_roots(path))
            .map(|(name, path)| format!("{name}: {path:?}"))
    }

    fn all_arrows(&self) -> BTreeSet<(String, String)> {
        let mut arrows = BTreeSet::new();
        for (name, file) in &self.files {
            let exported = file.exported.iter().filter(|(word, _)| file.words.contains(*word)).map(|(_, path)| path);
            for path in file.paths.iter().chain(exported) {
                if let Some(used) = self.home(path, 0)
                    && used != *name
                    && used != "lib"
                    && name != "lib"
                {
                    arrows.insert((name.clone(), used));
                }
            }
        }
        arrows
    }

    /// The file that has the item at `path`, behind re-exports.
    fn home(&self, path: &[String], depth: usize) -> Option<String> {
        let longest = (0..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end].join("::")));
        let end = longest.unwrap_or(0);
        let name = if end == 0 { "lib".to_owned() } else { path[..end].join("::") };
        let (file, Some(item)) = (&self.files[&name], path.get(end)) else { return Some(name) };
        let behind = file.imports.get(item).or_else(|| file.exported.get(item));
        match behind {
            Some(behind) if depth < 8 => {
                let whole: Vec<String> = behind.iter().chain(&path[end + 1..]).cloned().collect();
                self.home(&whole, depth + 1)
            }
            _ => Some(name),
        }
    }
}

fn collect(folder: &Path, module: &[String], texts: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path()) {
        let stem = entry.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8").to_owned();
        let inside: Vec<String> = module.iter().cloned().chain([stem.clone()]).collect();
        if entry.is_dir() {
            collect(&entry, &inside, texts);
        } else if stem != "tests" && entry.extension().is_some_and(|extension| extension == "rs") {
            let name = match stem.as_str() {
                "mod" => module.join("::"),
                _ => inside.join("::"),
            };
            texts.insert(name, std::fs::read_to_string(&entry).expect("a readable source"));
        }
    }
}

struct Walk<'a> {
    names: &'a BTreeSet<String>,
    file: &'a mut File,
}

impl Walk<'_> {
    /// The tokens of a module, or of anything inside it.
    fn items(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_public = false;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                    at = behind_item(&tokens, at + 2);
                    continue;
                }
                TokenTree::Ident(word) if word == "pub" => {
                    is_public = true;
                    at += if is_group(tokens.get(at + 1), Delimiter::Parenthesis) { 2 } else { 1 };
                    continue;
                }
                TokenTree::Ident(word) if word == "use" => {
                    let end = (at..tokens.len()).find(|end| is_punct(tokens.get(*end), ';')).unwrap_or(tokens.len());
                    self.import(&tokens[at + 1..end], Vec::new(), module, is_public);
                    at = end;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                        (tokens.get(at + 1), tokens.get(at + 2))
                    {
                        let inside: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
                        self.items(body.stream(), &inside);
                        at += 2;
                    }
                }
                TokenTree::Ident(word) => {
                    let path = path_at(&tokens, at);
                    let begins = at < 2 || !is_punct(tokens.get(at - 1), ':') || !is_punct(tokens.get(at - 2), ':');
                    if begins && path.len() > 1 {
                        self.path(&path, module);
                        at += (path.len() - 1) * 3;
                    } else {
                        self.file.words.insert(word.to_string());
                    }
                }
                TokenTree::Group(group) => self.items(group.stream(), module),
                _ => {}
            }
            is_public = false;
            at += 1;
        }
    }

    /// A path in code: one that begins at the root, above, or at a module below.
    fn path(&mut self, path: &[String], module: &[String]) {
        self.file.words.extend(path.iter().take(1).cloned());
        if let Some(path) = self.absolute(path, module) {
            self.file.paths.insert(path);
        }
    }

    fn import(&mut self, tokens: &[TokenTree], before: Vec<String>, module: &[String], is_public: bool) {
        let mut path = before;
        let mut bound = None;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    bound = tokens.get(at + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for part in inner.split(|token| is_punct(Some(token), ',')).filter(|part| !part.is_empty()) {
                        self.import(part, path.clone(), module, is_public);
                    }
                    return;
                }
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    self.file.paths.extend(self.absolute(&path, module));
                    return;
                }
                _ => {}
            }
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let (Some(absolute), Some(last)) = (self.absolute(&path, module), path.last().cloned()) else { return };
        let bound = bound.unwrap_or(last);
        if is_public {
            // A module re-exports the items of those below it. Any other re-export is a use.
            let is_below = absolute.starts_with(module) && absolute.len() > module.len();
            if !is_below {
                self.file.paths.insert(absolute.clone());
            }
            self.file.exported.insert(bound, absolute);
        } else {
            self.file.imports.insert(bound, absolute.clone());
            self.file.paths.insert(absolute);
        }
    }

    fn absolute(&self, path: &[String], module: &[String]) -> Option<Vec<String>> {
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "super" | "self" => {
                let own = path.iter().take_while(|segment| *segment == "self" || *segment == "super").count();
                let ups = path[..own].iter().filter(|segment| *segment == "super").count();
                let base = module.get(..module.len().checked_sub(ups)?)?;
                Some(base.iter().chain(&path[own..]).cloned().collect())
            }
            first => {
                let below: Vec<String> = module.iter().cloned().chain([first.to_owned()]).collect();
                self.names.contains(&below.join("::")).then(|| module.iter().chain(path).cloned().collect())
            }
        }
    }
}

/// The identifiers of the path that begins here: `a::b::c`.
fn path_at(tokens: &[TokenTree], at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = at;
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        path.push(word.to_string());
        if !is_punct(tokens.get(at + 1), ':') || !is_punct(tokens.get(at + 2), ':') {
            break;
        }
        at += 3;
    }
    path
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

/// `[cfg(test)]`.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(attribute)) = attribute else { return false };
    let mut tokens = attribute.stream().into_iter();
    let is_cfg = matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == "cfg");
    is_cfg && matches!(tokens.next(), Some(TokenTree::Group(condition)) if condition.stream().to_string() == "test")
}

/// Behind the item that begins here: its body, or its semicolon.
fn behind_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |at: &usize| is_group(tokens.get(*at), Delimiter::Brace) || is_punct(tokens.get(*at), ';');
    (at..tokens.len()).find(is_end).map_or(tokens.len(), |at| at + 1)
}
