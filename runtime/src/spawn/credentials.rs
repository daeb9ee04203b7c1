//! In the child: ids, capability sets, no_new_privs. See credentials(7), capabilities(7).

use super::child::Fault;
use super::sys::{Failed, sys};
use crate::error::Step;
use crate::plan::privileges::{Ids, Masks, Privileges};

/// From linux/capability.h.
const VERSION_3: u32 = 0x2008_0522;
const LAST: u32 = 63;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// The bounding set is left while SETPCAP is effective; capabilities outlive the change of ids by KEEPCAPS; what is
/// ambient is cleared by that change, and raised after it.
#[inline(always)]
pub(super) fn change(privileges: &Privileges) -> Result<(), Fault> {
    if let Some(masks) = &privileges.masks {
        each(masks.drop_bounding, |cap| prctl(Step::BoundingSet, libc::PR_CAPBSET_DROP, cap as usize, 0, cap))?;
    }
    if let Some(ids) = &privileges.ids {
        if privileges.masks.is_some() {
            prctl(Step::Capabilities, libc::PR_SET_KEEPCAPS, 1, 0, 0)?;
        }
        change_ids(ids)?;
    }
    if let Some(masks) = &privileges.masks {
        set_capabilities(masks)?;
    }
    if privileges.no_new_privs {
        prctl(Step::NoNewPrivs, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0)?;
    }
    Ok(())
}

#[inline(always)]
fn change_ids(ids: &Ids) -> Result<(), Fault> {
    let done = |result: Result<usize, Failed>, step, operand: u32| {
        result.map(|_| ()).map_err(|failed| Fault::new(step, failed, operand as i32))
    };
    // SAFETY: the list is as long as said.
    let groups = unsafe { sys!(SYS_setgroups, ids.groups.len(), ids.groups.as_ptr()) };
    done(groups, Step::Groups, ids.groups.len() as u32)?;
    // SAFETY: takes no pointers.
    done(unsafe { sys!(SYS_setresgid, ids.gid, ids.gid, ids.gid) }, Step::Gid, ids.gid)?;
    // SAFETY: takes no pointers.
    done(unsafe { sys!(SYS_setresuid, ids.uid, ids.uid, ids.uid) }, Step::Uid, ids.uid)
}

#[inline(always)]
fn set_capabilities(masks: &Masks) -> Result<(), Fault> {
    let header = Header { version: VERSION_3, pid: 0 };
    let half = |bits: u32| Data { effective: bits, permitted: bits, inheritable: bits };
    let data = [half(masks.keep as u32), half((masks.keep >> 32) as u32)];
    // SAFETY: both structures are as version 3 has them.
    unsafe { sys!(SYS_capset, &raw const header, data.as_ptr()) }
        .map_err(|failed| Fault::new(Step::Capabilities, failed, 0))?;
    prctl(Step::Ambient, libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as usize, 0, 0)?;
    each(masks.keep, |cap| {
        prctl(Step::Ambient, libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE as usize, cap as usize, cap)
    })
}

/// Calls `f` with each number in the mask.
#[inline(always)]
fn each(mask: u64, mut f: impl FnMut(u32) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut cap = 0;
    while cap <= LAST {
        if mask >> cap & 1 != 0 {
            f(cap)?;
        }
        cap = cap.wrapping_add(1);
    }
    Ok(())
}

#[inline(always)]
fn prctl(step: Step, option: i32, a: usize, b: usize, operand: u32) -> Result<(), Fault> {
    // SAFETY: none of the options used here takes a pointer.
    let done = unsafe { sys!(@ SYS_prctl, option, a, b, 0, 0, 0) };
    done.map(|_| ()).map_err(|failed| Fault::new(step, failed, operand as i32))
}
