//! How much a test does that could go on for ever.

/// `full` where `AIRTIGHT_LOAD=full` is set, as for what is to land; else `few`, so that a test run ends soon.
pub fn at_scale(few: usize, full: usize) -> usize {
    if std::env::var("AIRTIGHT_LOAD").as_deref() == Ok("full") { full } else { few }
}
