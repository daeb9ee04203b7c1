//! The figures that the project promises. A ratio meets its goal where it is no greater.

/// Null streams, to the cheapest start that the kernel offers.
pub(crate) const NULL_TO_LIMIT: f64 = 1.25;
/// Null streams, to raw system calls that leave the child in the same state.
pub(crate) const NULL_TO_HAND: f64 = 1.08;
/// A pipe for stderr, and a GiB through pipes, to raw system calls that do the same.
pub(crate) const PIPES_TO_HAND: f64 = 1.10;
/// 100 bytes captured from each output, to raw system calls that do the same.
pub(crate) const CAPTURE_TO_HAND: f64 = 1.05;
/// 32 threads starting at once, to the cheapest start that the kernel offers.
pub(crate) const THREADS_TO_LIMIT: f64 = 1.00;
/// A release build of the call sites, to the same calls with std.
pub(crate) const BUILD_TO_STD: f64 = 0.60;
/// A clean build, to that of syn and quote.
pub(crate) const CLEAN_BUILD_TO_SYN: f64 = 1.50;
/// A start with the most memory touched, to one with none touched.
pub(crate) const GROWTH: f64 = 1.10;
/// The code of a call site, in bytes.
pub(crate) const SITE_BYTES: u32 = 110;
