//! The capabilities of `keep(…)`, named as in capabilities(7) without `CAP_`, as bits of a set.

use ::caps::Capability;

/// CAP_CHOWN.
pub const CHOWN: u64 = 1 << 0;
/// CAP_DAC_OVERRIDE.
pub const DAC_OVERRIDE: u64 = 1 << 1;
/// CAP_DAC_READ_SEARCH.
pub const DAC_READ_SEARCH: u64 = 1 << 2;
/// CAP_FOWNER.
pub const FOWNER: u64 = 1 << 3;
/// CAP_FSETID.
pub const FSETID: u64 = 1 << 4;
/// CAP_KILL.
pub const KILL: u64 = 1 << 5;
/// CAP_SETGID.
pub const SETGID: u64 = 1 << 6;
/// CAP_SETUID.
pub const SETUID: u64 = 1 << 7;
/// CAP_SETPCAP.
pub const SETPCAP: u64 = 1 << 8;
/// CAP_LINUX_IMMUTABLE.
pub const LINUX_IMMUTABLE: u64 = 1 << 9;
/// CAP_NET_BIND_SERVICE.
pub const NET_BIND_SERVICE: u64 = 1 << 10;
/// CAP_NET_BROADCAST.
pub const NET_BROADCAST: u64 = 1 << 11;
/// CAP_NET_ADMIN.
pub const NET_ADMIN: u64 = 1 << 12;
/// CAP_NET_RAW.
pub const NET_RAW: u64 = 1 << 13;
/// CAP_IPC_LOCK.
pub const IPC_LOCK: u64 = 1 << 14;
/// CAP_IPC_OWNER.
pub const IPC_OWNER: u64 = 1 << 15;
/// CAP_SYS_MODULE.
pub const SYS_MODULE: u64 = 1 << 16;
/// CAP_SYS_RAWIO.
pub const SYS_RAWIO: u64 = 1 << 17;
/// CAP_SYS_CHROOT.
pub const SYS_CHROOT: u64 = 1 << 18;
/// CAP_SYS_PTRACE.
pub const SYS_PTRACE: u64 = 1 << 19;
/// CAP_SYS_PACCT.
pub const SYS_PACCT: u64 = 1 << 20;
/// CAP_SYS_ADMIN.
pub const SYS_ADMIN: u64 = 1 << 21;
/// CAP_SYS_BOOT.
pub const SYS_BOOT: u64 = 1 << 22;
/// CAP_SYS_NICE.
pub const SYS_NICE: u64 = 1 << 23;
/// CAP_SYS_RESOURCE.
pub const SYS_RESOURCE: u64 = 1 << 24;
/// CAP_SYS_TIME.
pub const SYS_TIME: u64 = 1 << 25;
/// CAP_SYS_TTY_CONFIG.
pub const SYS_TTY_CONFIG: u64 = 1 << 26;
/// CAP_MKNOD.
pub const MKNOD: u64 = 1 << 27;
/// CAP_LEASE.
pub const LEASE: u64 = 1 << 28;
/// CAP_AUDIT_WRITE.
pub const AUDIT_WRITE: u64 = 1 << 29;
/// CAP_AUDIT_CONTROL.
pub const AUDIT_CONTROL: u64 = 1 << 30;
/// CAP_SETFCAP.
pub const SETFCAP: u64 = 1 << 31;
/// CAP_MAC_OVERRIDE.
pub const MAC_OVERRIDE: u64 = 1 << 32;
/// CAP_MAC_ADMIN.
pub const MAC_ADMIN: u64 = 1 << 33;
/// CAP_SYSLOG.
pub const SYSLOG: u64 = 1 << 34;
/// CAP_WAKE_ALARM.
pub const WAKE_ALARM: u64 = 1 << 35;
/// CAP_BLOCK_SUSPEND.
pub const BLOCK_SUSPEND: u64 = 1 << 36;
/// CAP_AUDIT_READ.
pub const AUDIT_READ: u64 = 1 << 37;
/// CAP_PERFMON.
pub const PERFMON: u64 = 1 << 38;
/// CAP_BPF.
pub const BPF: u64 = 1 << 39;
/// CAP_CHECKPOINT_RESTORE.
pub const CHECKPOINT_RESTORE: u64 = 1 << 40;

/// The capabilities of the crate `caps`, by number.
pub(crate) const KNOWN: &[Capability] = &[
    Capability::CAP_CHOWN,
    Capability::CAP_DAC_OVERRIDE,
    Capability::CAP_DAC_READ_SEARCH,
    Capability::CAP_FOWNER,
    Capability::CAP_FSETID,
    Capability::CAP_KILL,
    Capability::CAP_SETGID,
    Capability::CAP_SETUID,
    Capability::CAP_SETPCAP,
    Capability::CAP_LINUX_IMMUTABLE,
    Capability::CAP_NET_BIND_SERVICE,
    Capability::CAP_NET_BROADCAST,
    Capability::CAP_NET_ADMIN,
    Capability::CAP_NET_RAW,
    Capability::CAP_IPC_LOCK,
    Capability::CAP_IPC_OWNER,
    Capability::CAP_SYS_MODULE,
    Capability::CAP_SYS_RAWIO,
    Capability::CAP_SYS_CHROOT,
    Capability::CAP_SYS_PTRACE,
    Capability::CAP_SYS_PACCT,
    Capability::CAP_SYS_ADMIN,
    Capability::CAP_SYS_BOOT,
    Capability::CAP_SYS_NICE,
    Capability::CAP_SYS_RESOURCE,
    Capability::CAP_SYS_TIME,
    Capability::CAP_SYS_TTY_CONFIG,
    Capability::CAP_MKNOD,
    Capability::CAP_LEASE,
    Capability::CAP_AUDIT_WRITE,
    Capability::CAP_AUDIT_CONTROL,
    Capability::CAP_SETFCAP,
    Capability::CAP_MAC_OVERRIDE,
    Capability::CAP_MAC_ADMIN,
    Capability::CAP_SYSLOG,
    Capability::CAP_WAKE_ALARM,
    Capability::CAP_BLOCK_SUSPEND,
    Capability::CAP_AUDIT_READ,
    Capability::CAP_PERFMON,
    Capability::CAP_BPF,
    Capability::CAP_CHECKPOINT_RESTORE,
];

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn each_name_has_its_number() {
        let declared = include_str!("caps.rs");
        for (number, capability) in KNOWN.iter().enumerate() {
            let name = capability.to_string();
            let item = format!("pub const {}: u64 = 1 << {number};", name.trim_start_matches("CAP_"));
            assert!(declared.contains(&item), "{item}");
            assert_eq!(capability.bitmask(), 1 << number);
        }
        assert_eq!(KNOWN.len(), declared.matches("\npub const ").count());
        assert_eq!(KNOWN.len(), ::caps::all().len(), "what `caps` knows can be declared");
    }
}
