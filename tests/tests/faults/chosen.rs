//! A part of the faults: `AIRTIGHT_FAULTS=daemon` starts only the kinds of commands whose names contain that text. Text
//! of no kind, as `AIRTIGHT_FAULTS=openat`, names calls: they alone fail, with every errno and at every turn.

use crate::catalogue::ROWS;
use crate::commands::KINDS;

pub(crate) enum Chosen {
    All,
    Calls(String),
    Kinds(String),
}

impl Chosen {
    /// As the environment says.
    pub(crate) fn new() -> Chosen {
        let Ok(text) = std::env::var("AIRTIGHT_FAULTS") else { return Chosen::All };
        let kinds = KINDS.map(|(_, name)| name);
        if kinds.iter().any(|name| name.contains(&text)) {
            return Chosen::Kinds(text);
        }
        let calls: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        assert!(
            calls.iter().any(|name| name.contains(&text)),
            "AIRTIGHT_FAULTS={text}: no name contains it. Kinds:\n{}\nCalls:\n{}",
            kinds.join("\n"),
            calls.join("\n")
        );
        Chosen::Calls(text)
    }

    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Chosen::All)
    }

    pub(crate) fn has_kind(&self, name: &str) -> bool {
        !matches!(self, Chosen::Kinds(text) if !name.contains(text))
    }

    pub(crate) fn has_call(&self, name: &str) -> bool {
        !matches!(self, Chosen::Calls(text) if !name.contains(text))
    }

    pub(crate) fn are_calls(&self) -> bool {
        matches!(self, Chosen::Calls(_))
    }
}
