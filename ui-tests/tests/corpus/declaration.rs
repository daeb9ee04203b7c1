//! Turns a row of the corpus into a declaration.

use serde_json::Value;

pub(crate) struct Row {
    pub(crate) class: String,
    pub(crate) detect: String,
    pub(crate) why: String,
    program: Word,
    args: Vec<Word>,
}

enum Word {
    Literal(String),
    Format(String),
    Computed,
    List,
    Optional,
    Either,
}

/// The name of the variable that stands for each computed value.
const COMPUTED: &str = "value";

impl Row {
    pub(crate) fn real(line: &str) -> Row {
        let row: Value = serde_json::from_str(line).expect("a row");
        let program = Word::Literal(row["program"].as_str().expect("a program").to_owned());
        Row { class: String::new(), detect: String::new(), why: String::new(), program, args: args(&row) }
    }

    pub(crate) fn mistake(line: &str) -> Row {
        let row: Value = serde_json::from_str(line).expect("a row");
        let text = |key: &str| row[key].as_str().expect("a text").to_owned();
        let (class, detect, why) = (text("class"), text("detect"), text("why"));
        Row { class, detect, why, program: word(&row["program"]), args: args(&row) }
    }

    /// On one line.
    pub(crate) fn declaration(&self) -> String {
        let args: Vec<String> = self.args.iter().map(Word::source).collect();
        format!("command! {{ {}, args: [{}] }}", self.program.source(), args.join(", "))
    }

    pub(crate) fn has(&self, program: &str, argument: &str) -> bool {
        let is = |word: &Word, text: &str| matches!(word, Word::Literal(literal) if literal == text);
        is(&self.program, program) && (argument.is_empty() || self.args.iter().any(|word| is(word, argument)))
    }

    pub(crate) fn is_all_computed(&self) -> bool {
        matches!(self.program, Word::Computed) && self.args.is_empty()
    }
}

fn args(row: &Value) -> Vec<Word> {
    row["args"].as_array().expect("arguments").iter().map(word).collect()
}

fn word(word: &Value) -> Word {
    let text = |key: &str| word[key].as_str().map(str::to_owned);
    if let Some(literal) = text("lit") {
        return Word::Literal(literal);
    }
    if let Some(template) = text("fmt") {
        return Word::Format(template);
    }
    match word["computed"].as_str() {
        Some("list") => Word::List,
        Some("opt") => Word::Optional,
        Some("alt") => Word::Either,
        _ => Word::Computed,
    }
}

impl Word {
    fn source(&self) -> String {
        match self {
            Word::Literal(text) => format!("{text:?}"),
            Word::Format(template) => format!("format!({:?})", with_holes_filled(template)),
            Word::Computed => COMPUTED.to_owned(),
            Word::List => format!("..[{COMPUTED}, {COMPUTED}]"),
            Word::Optional => format!("Some({COMPUTED})"),
            Word::Either => format!("if {COMPUTED}.is_empty() {{ {COMPUTED} }} else {{ {COMPUTED} }}"),
        }
    }
}

/// Replaces every hole by `{value}`, or `{value:?}` where the row has `:?`.
fn with_holes_filled(template: &str) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("{{") {
            filled.push_str("{{");
            rest = behind;
            continue;
        }
        let end = rest.find('}').expect("a closed hole");
        let debug = if rest[..end].ends_with(":?") { ":?" } else { "" };
        filled.push_str(&format!("{{{COMPUTED}{debug}}}"));
        rest = &rest[end + 1..];
    }
    filled + rest
}
