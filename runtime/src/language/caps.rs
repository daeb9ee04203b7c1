//! The capabilities of `keep(…)`, named as in capabilities(7) without `CAP_`, as bits of a set.

use crate::shared::names::capabilities;
use ::caps::Capability;

macro_rules! items {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: u64 = 1 << $number;)*

        #[cfg(test)]
        const NAMES: &[(&str, usize)] = &[$((stringify!($name), $number)),*];
    };
}

capabilities! { items }

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
    use super::{KNOWN, NAMES};

    #[test]
    fn each_name_has_its_number() {
        for (capability, (name, number)) in KNOWN.iter().zip(NAMES) {
            assert_eq!(capability.to_string(), format!("CAP_{name}"));
            assert_eq!(capability.bitmask(), 1 << number, "{name}");
        }
        assert_eq!(KNOWN.len(), NAMES.len());
        assert_eq!(KNOWN.len(), ::caps::all().len(), "every capability of the crate `caps` can be declared");
    }
}
