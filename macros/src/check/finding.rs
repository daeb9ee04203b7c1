//! The result of a rule.

/// The message of a rule about one text, and the help line that shows the correction.
pub(super) struct Finding {
    pub(super) message: String,
    pub(super) help: String,
}
