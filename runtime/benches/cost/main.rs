//! The cost of a start, compared with the cheapest system calls, with std and with other crates: `cargo bench`.
//!
//! Each figure is a ratio within one run, so that the noise of the machine is on both sides of it. `-- --quick` runs
//! few rounds of each scenario, to check that all work; `-- --only PART` runs the scenarios whose names contain PART.

mod build;
mod goals;
mod libvirt;
mod limit;
mod loops;
mod measure;
mod peers;
mod plot;
mod report;
mod starts;
mod streams;
mod threads;
mod tiny;

use libvirt::Libvirt;
use measure::{Effort, Row};
use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{CString, c_char};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Shared by all scenarios.
pub(crate) struct Bench {
    programs: tiny::Programs,
    effort: Effort,
    libvirt: Option<Libvirt>,
    environ: Environ,
}

/// This process's environ, for the contenders written by hand.
struct Environ {
    _entries: Vec<CString>,
    pointers: Vec<*const c_char>,
}

// SAFETY: the entries are not changed as long as this lives.
unsafe impl Sync for Environ {}

impl Bench {
    fn envp(&self) -> &[*const c_char] {
        &self.environ.pointers
    }

    fn c_path(&self, path: &Path) -> CString {
        tiny::c_path(path)
    }
}

fn main() {
    // `cargo test --benches` runs this program too, in a debug build: its figures would mean nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let quick = std::env::args().any(|argument| argument == "--quick");
    raise_descriptor_limit();
    let entries: Vec<CString> = std::env::vars().filter_map(|(k, v)| CString::new(format!("{k}={v}")).ok()).collect();
    let pointers = entries.iter().map(|entry| entry.as_ptr()).chain([std::ptr::null()]).collect();
    let (rounds, seconds) = if quick { (20, 1) } else { (2000, 8) };
    let bench = Bench {
        programs: tiny::Programs::new(),
        effort: Effort { rounds, at_most: Duration::from_secs(seconds), warmed: 0 },
        libvirt: Libvirt::load(),
        environ: Environ { _entries: entries, pointers },
    };
    if bench.libvirt.is_none() {
        eprintln!("left out: libvirt (its library is not installed: libvirt0)");
    }
    let by_descriptors = [0, 1000].map(|count| (count as f64, starts::descriptors(&bench, count)));
    let mebibytes: &[usize] = if quick { &[16] } else { &[256, 1024, 4096] };
    let by_memory: Vec<_> = mebibytes.iter().map(|&size| (size as f64, starts::memory(&bench, size))).collect();
    let mut starts = vec![starts::clear_caps(&bench)];
    starts.extend([0, if quick { 16 } else { 1024 }].into_iter().filter_map(|size| starts::another_user(&bench, size)));
    starts.push(starts::allocations(&bench));
    let mut streams = vec![streams::one_pipe(&bench), streams::one_far_pipe(&bench, 1000), streams::two_pipes(&bench)];
    if !quick {
        streams.extend([streams::discarded(&bench), streams::captured(&bench), streams::fed(&bench)]);
    }
    // The scenarios below start threads; those above must run before std knows of a second thread.
    streams.push(streams::two_pipes_with_threads(&bench));
    let threads = [1, 2, 8, 32].map(|threads| threads::starting(&bench, threads));
    let built = if quick { Vec::new() } else { build::rows() };
    let first = by_descriptors.iter().chain(&by_memory).map(|(_, row)| row);
    let rows: Vec<&Row> = first.chain(&starts).chain(&streams).chain(&threads).chain(&built).collect();
    println!("\n{}", report::table(&rows));
    println!("{}", report::processor(&streams));
    draw(&by_descriptors, &by_memory);
    let cost = |row: Option<&(f64, Row)>| row.map_or(f64::NAN, |(_, row)| row.ours);
    let growth = cost(by_memory.last()) / cost(by_descriptors.first());
    let goal = goals::GROWTH;
    println!("a start with the most memory touched costs {growth:.2} times one with none touched (goal: {goal:.2})");
}

fn draw(by_descriptors: &[(f64, Row)], by_memory: &[(f64, Row)]) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cost.svg");
    // The row without open descriptors is also the row without touched memory.
    let from_nothing = by_descriptors.iter().take(1).chain(by_memory);
    let series = [
        plot::Series {
            title: "a start, by the MiB that its parent has touched",
            rows: from_nothing.map(|(size, row)| (*size, row)).collect(),
        },
        plot::Series {
            title: "a start, by the descriptors that its parent has open",
            rows: by_descriptors.iter().map(|(count, row)| (*count, row)).collect(),
        },
    ];
    match plot::draw(&path, &series) {
        Ok(()) => println!("plot: {}", path.display()),
        Err(error) => eprintln!("no plot: {error}"),
    }
}

fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is valid.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = limit.rlim_max.min(4096);
    // SAFETY: as above.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
}

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

/// The number of allocations so far.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.load(Ordering::Relaxed)
}

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
