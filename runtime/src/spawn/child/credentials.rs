//! In the child or in the stage: ids, capability sets, no_new_privs. See credentials(7), capabilities(7).

use super::calls::Calls;
use crate::error::Step;
use crate::plan::privileges::{Ids, Masks, Privileges};
use crate::spawn::failure::FailedStep;

/// From linux/capability.h.
const VERSION_3: u32 = 0x2008_0522;
const LAST: u32 = 63;

/// Changes them in the order that the kernel requires. Capabilities are dropped from the bounding set while CAP_SETPCAP
/// is still effective. If the change of ids would clear capabilities that are kept, PR_SET_KEEPCAPS is set before it.
/// That change clears the ambient set, so ambient capabilities are raised after it.
#[inline(always)]
pub(in crate::spawn) fn change(privileges: &Privileges, calls: &mut impl Calls) -> Result<(), FailedStep> {
    if let Some(masks) = &privileges.masks {
        each(masks.drop_bounding, |cap| prctl(calls, Step::BoundingSet, libc::PR_CAPBSET_DROP, cap as usize, 0, cap))?;
    }
    if let Some(ids) = &privileges.ids {
        if ids.keeps_caps {
            prctl(calls, Step::Capabilities, libc::PR_SET_KEEPCAPS, 1, 0, 0)?;
        }
        change_ids(ids, calls)?;
    }
    if let Some(masks) = &privileges.masks {
        set_capabilities(masks, calls)?;
    }
    if privileges.no_new_privs {
        prctl(calls, Step::NoNewPrivs, libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0)?;
    }
    Ok(())
}

#[inline(always)]
fn change_ids(ids: &Ids, calls: &mut impl Calls) -> Result<(), FailedStep> {
    if let Some(groups) = &ids.groups {
        let (count, address) = (groups.len(), calls.address(groups));
        calls.call(Step::Groups, count as i32, libc::SYS_setgroups, [count, address, 0, 0, 0])?;
    }
    if let Some(gid) = ids.gid {
        let id = gid as usize;
        calls.call(Step::Gid, gid as i32, libc::SYS_setresgid, [id, id, id, 0, 0])?;
    }
    if let Some(uid) = ids.uid {
        let id = uid as usize;
        calls.call(Step::Uid, uid as i32, libc::SYS_setresuid, [id, id, id, 0, 0])?;
    }
    Ok(())
}

#[inline(always)]
fn set_capabilities(masks: &Masks, calls: &mut impl Calls) -> Result<(), FailedStep> {
    // `struct __user_cap_header_struct`: version and pid.
    let header = [VERSION_3, 0];
    // Two `struct __user_cap_data_struct`: 32 bits each of the effective, the permitted and the inheritable set.
    let (low, high) = (masks.keep as u32, (masks.keep >> 32) as u32);
    let data = [low, low, low, high, high, high];
    let operands = [calls.address(&header), calls.address(&data), 0, 0, 0];
    calls.call(Step::Capabilities, 0, libc::SYS_capset, operands)?;
    prctl(calls, Step::Ambient, libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as usize, 0, 0)?;
    each(masks.keep, |cap| {
        let raise = libc::PR_CAP_AMBIENT_RAISE as usize;
        prctl(calls, Step::Ambient, libc::PR_CAP_AMBIENT, raise, cap as usize, cap)
    })
}

/// Calls `f` with the number of each bit that is set in the mask.
#[inline(always)]
fn each(mask: u64, mut f: impl FnMut(u32) -> Result<(), FailedStep>) -> Result<(), FailedStep> {
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
fn prctl(calls: &mut impl Calls, step: Step, option: i32, a: usize, b: usize, operand: u32) -> Result<(), FailedStep> {
    calls.call(step, operand as i32, libc::SYS_prctl, [option as usize, a, b, 0, 0])
}
