//! The size of tests that could go on for ever.

/// `full` if `AIRTIGHT_LOAD=full` is set, as before a release; else `few`, for a short test run.
pub fn at_scale(few: usize, full: usize) -> usize {
    if std::env::var("AIRTIGHT_LOAD").as_deref() == Ok("full") { full } else { few }
}
