//! The verdict of a rule.

/// A rule's message on one text, and the help line that shows what to write.
pub(super) struct Finding {
    pub(super) message: String,
    pub(super) help: String,
}
