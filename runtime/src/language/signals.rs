//! The signals of `pdeathsig` and of `timeout`, by their names in signal(7).

/// SIGHUP.
pub const SIGHUP: i32 = 1;
/// SIGINT.
pub const SIGINT: i32 = 2;
/// SIGQUIT.
pub const SIGQUIT: i32 = 3;
/// SIGILL.
pub const SIGILL: i32 = 4;
/// SIGTRAP.
pub const SIGTRAP: i32 = 5;
/// SIGABRT.
pub const SIGABRT: i32 = 6;
/// SIGBUS.
pub const SIGBUS: i32 = 7;
/// SIGFPE.
pub const SIGFPE: i32 = 8;
/// SIGKILL.
pub const SIGKILL: i32 = 9;
/// SIGUSR1.
pub const SIGUSR1: i32 = 10;
/// SIGSEGV.
pub const SIGSEGV: i32 = 11;
/// SIGUSR2.
pub const SIGUSR2: i32 = 12;
/// SIGPIPE.
pub const SIGPIPE: i32 = 13;
/// SIGALRM.
pub const SIGALRM: i32 = 14;
/// SIGTERM.
pub const SIGTERM: i32 = 15;
/// SIGSTKFLT.
pub const SIGSTKFLT: i32 = 16;
/// SIGCHLD.
pub const SIGCHLD: i32 = 17;
/// SIGCONT.
pub const SIGCONT: i32 = 18;
/// SIGSTOP.
pub const SIGSTOP: i32 = 19;
/// SIGTSTP.
pub const SIGTSTP: i32 = 20;
/// SIGTTIN.
pub const SIGTTIN: i32 = 21;
/// SIGTTOU.
pub const SIGTTOU: i32 = 22;
/// SIGURG.
pub const SIGURG: i32 = 23;
/// SIGXCPU.
pub const SIGXCPU: i32 = 24;
/// SIGXFSZ.
pub const SIGXFSZ: i32 = 25;
/// SIGVTALRM.
pub const SIGVTALRM: i32 = 26;
/// SIGPROF.
pub const SIGPROF: i32 = 27;
/// SIGWINCH.
pub const SIGWINCH: i32 = 28;
/// SIGIO.
pub const SIGIO: i32 = 29;
/// SIGPWR.
pub const SIGPWR: i32 = 30;
/// SIGSYS.
pub const SIGSYS: i32 = 31;
