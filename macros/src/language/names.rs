//! The names of limits, capabilities and signals with their numbers in Linux. Both packages expand these tables: the
//! macros check names by them, the runtime documents each as an item and names it in errors.

/// The resources of `limits`, as in getrlimit(2): `limits! { callback }` gives all rows to the macro `callback`.
macro_rules! limits {
    ($callback:ident) => {
        $callback! {
            /// `cpu = n`: CPU time, in seconds.
            cpu = 0;
            /// `fsize = n`: size of written files, in bytes.
            fsize = 1;
            /// `data = n`: data segment, in bytes.
            data = 2;
            /// `stack = n`: stack of the main thread, in bytes.
            stack = 3;
            /// `core = n`: core dumps, in bytes.
            core = 4;
            /// `rss = n`: resident memory, in bytes. It has no effect since Linux 2.4.30.
            rss = 5;
            /// `nproc = n`: number of processes of the user.
            nproc = 6;
            /// `nofile = n`: the highest descriptor number plus one.
            nofile = 7;
            /// `memlock = n`: locked memory, in bytes.
            memlock = 8;
            /// `address_space = n`: address space, in bytes (RLIMIT_AS).
            address_space = 9;
            /// `locks = n`: number of file locks. It has no effect since Linux 2.4.25.
            locks = 10;
            /// `sigpending = n`: number of pending signals of the user.
            sigpending = 11;
            /// `msgqueue = n`: POSIX message queues of the user, in bytes.
            msgqueue = 12;
            /// `nice = n`: 20 minus the lowest nice value.
            nice = 13;
            /// `rtprio = n`: real-time priority.
            rtprio = 14;
            /// `rttime = n`: real-time CPU time without a blocking call, in microseconds.
            rttime = 15;
        }
    };
}

/// The capabilities of `keep(…)`, as in capabilities(7) without `CAP_`: `capabilities! { callback }` gives all rows to the macro `callback`.
macro_rules! capabilities {
    ($callback:ident) => {
        $callback! {
            /// CAP_CHOWN.
            CHOWN = 0;
            /// CAP_DAC_OVERRIDE.
            DAC_OVERRIDE = 1;
            /// CAP_DAC_READ_SEARCH.
            DAC_READ_SEARCH = 2;
            /// CAP_FOWNER.
            FOWNER = 3;
            /// CAP_FSETID.
            FSETID = 4;
            /// CAP_KILL.
            KILL = 5;
            /// CAP_SETGID.
            SETGID = 6;
            /// CAP_SETUID.
            SETUID = 7;
            /// CAP_SETPCAP.
            SETPCAP = 8;
            /// CAP_LINUX_IMMUTABLE.
            LINUX_IMMUTABLE = 9;
            /// CAP_NET_BIND_SERVICE.
            NET_BIND_SERVICE = 10;
            /// CAP_NET_BROADCAST.
            NET_BROADCAST = 11;
            /// CAP_NET_ADMIN.
            NET_ADMIN = 12;
            /// CAP_NET_RAW.
            NET_RAW = 13;
            /// CAP_IPC_LOCK.
            IPC_LOCK = 14;
            /// CAP_IPC_OWNER.
            IPC_OWNER = 15;
            /// CAP_SYS_MODULE.
            SYS_MODULE = 16;
            /// CAP_SYS_RAWIO.
            SYS_RAWIO = 17;
            /// CAP_SYS_CHROOT.
            SYS_CHROOT = 18;
            /// CAP_SYS_PTRACE.
            SYS_PTRACE = 19;
            /// CAP_SYS_PACCT.
            SYS_PACCT = 20;
            /// CAP_SYS_ADMIN.
            SYS_ADMIN = 21;
            /// CAP_SYS_BOOT.
            SYS_BOOT = 22;
            /// CAP_SYS_NICE.
            SYS_NICE = 23;
            /// CAP_SYS_RESOURCE.
            SYS_RESOURCE = 24;
            /// CAP_SYS_TIME.
            SYS_TIME = 25;
            /// CAP_SYS_TTY_CONFIG.
            SYS_TTY_CONFIG = 26;
            /// CAP_MKNOD.
            MKNOD = 27;
            /// CAP_LEASE.
            LEASE = 28;
            /// CAP_AUDIT_WRITE.
            AUDIT_WRITE = 29;
            /// CAP_AUDIT_CONTROL.
            AUDIT_CONTROL = 30;
            /// CAP_SETFCAP.
            SETFCAP = 31;
            /// CAP_MAC_OVERRIDE.
            MAC_OVERRIDE = 32;
            /// CAP_MAC_ADMIN.
            MAC_ADMIN = 33;
            /// CAP_SYSLOG.
            SYSLOG = 34;
            /// CAP_WAKE_ALARM.
            WAKE_ALARM = 35;
            /// CAP_BLOCK_SUSPEND.
            BLOCK_SUSPEND = 36;
            /// CAP_AUDIT_READ.
            AUDIT_READ = 37;
            /// CAP_PERFMON.
            PERFMON = 38;
            /// CAP_BPF.
            BPF = 39;
            /// CAP_CHECKPOINT_RESTORE.
            CHECKPOINT_RESTORE = 40;
        }
    };
}

/// The signals of `pdeathsig` and of `timeout`, as in signal(7): `signals! { callback }` gives all rows to the macro `callback`.
macro_rules! signals {
    ($callback:ident) => {
        $callback! {
            /// SIGHUP.
            SIGHUP = 1;
            /// SIGINT.
            SIGINT = 2;
            /// SIGQUIT.
            SIGQUIT = 3;
            /// SIGILL.
            SIGILL = 4;
            /// SIGTRAP.
            SIGTRAP = 5;
            /// SIGABRT.
            SIGABRT = 6;
            /// SIGBUS.
            SIGBUS = 7;
            /// SIGFPE.
            SIGFPE = 8;
            /// SIGKILL.
            SIGKILL = 9;
            /// SIGUSR1.
            SIGUSR1 = 10;
            /// SIGSEGV.
            SIGSEGV = 11;
            /// SIGUSR2.
            SIGUSR2 = 12;
            /// SIGPIPE.
            SIGPIPE = 13;
            /// SIGALRM.
            SIGALRM = 14;
            /// SIGTERM.
            SIGTERM = 15;
            /// SIGSTKFLT.
            SIGSTKFLT = 16;
            /// SIGCHLD.
            SIGCHLD = 17;
            /// SIGCONT.
            SIGCONT = 18;
            /// SIGSTOP.
            SIGSTOP = 19;
            /// SIGTSTP.
            SIGTSTP = 20;
            /// SIGTTIN.
            SIGTTIN = 21;
            /// SIGTTOU.
            SIGTTOU = 22;
            /// SIGURG.
            SIGURG = 23;
            /// SIGXCPU.
            SIGXCPU = 24;
            /// SIGXFSZ.
            SIGXFSZ = 25;
            /// SIGVTALRM.
            SIGVTALRM = 26;
            /// SIGPROF.
            SIGPROF = 27;
            /// SIGWINCH.
            SIGWINCH = 28;
            /// SIGIO.
            SIGIO = 29;
            /// SIGPWR.
            SIGPWR = 30;
            /// SIGSYS.
            SIGSYS = 31;
        }
    };
}

macro_rules! names {
    ($($(#[$doc:meta])+ $name:ident = $number:literal;)*) => {
        &[$(stringify!($name)),*]
    };
}

#[allow(unused_imports, reason = "only the runtime expands the tables elsewhere")]
pub(crate) use {capabilities, limits, signals};

pub(crate) const LIMITS: &[&str] = limits! { names };
pub(crate) const CAPABILITIES: &[&str] = capabilities! { names };
pub(crate) const SIGNALS: &[&str] = signals! { names };
