//! The resources of `limits`, named as in getrlimit(2).

/// `cpu = n`: CPU time, in seconds.
pub const cpu: u32 = 0;
/// `fsize = n`: size of written files, in bytes.
pub const fsize: u32 = 1;
/// `data = n`: data segment, in bytes.
pub const data: u32 = 2;
/// `stack = n`: stack of the main thread, in bytes.
pub const stack: u32 = 3;
/// `core = n`: core dumps, in bytes.
pub const core: u32 = 4;
/// `rss = n`: resident memory, in bytes. It has no effect since Linux 2.4.30.
pub const rss: u32 = 5;
/// `nproc = n`: number of processes of the user.
pub const nproc: u32 = 6;
/// `nofile = n`: the highest descriptor number plus one.
pub const nofile: u32 = 7;
/// `memlock = n`: locked memory, in bytes.
pub const memlock: u32 = 8;
/// `address_space = n`: address space, in bytes (RLIMIT_AS).
pub const address_space: u32 = 9;
/// `locks = n`: number of file locks. It has no effect since Linux 2.4.25.
pub const locks: u32 = 10;
/// `sigpending = n`: number of pending signals of the user.
pub const sigpending: u32 = 11;
/// `msgqueue = n`: POSIX message queues of the user, in bytes.
pub const msgqueue: u32 = 12;
/// `nice = n`: 20 minus the lowest nice value.
pub const nice: u32 = 13;
/// `rtprio = n`: real-time priority.
pub const rtprio: u32 = 14;
/// `rttime = n`: real-time CPU time without a blocking call, in microseconds.
pub const rttime: u32 = 15;

/// The name of a limit.
pub(crate) fn name(number: i32) -> &'static str {
    const NAMES: [&str; 16] = [
        "cpu",
        "fsize",
        "data",
        "stack",
        "core",
        "rss",
        "nproc",
        "nofile",
        "memlock",
        "address_space",
        "locks",
        "sigpending",
        "msgqueue",
        "nice",
        "rtprio",
        "rttime",
    ];
    usize::try_from(number).ok().and_then(|number| NAMES.get(number)).copied().unwrap_or("unknown")
}
