//! The credentials of the child: the parent computes them as ids and masks.

use super::caps;
use crate::error::{Error, ErrorKind, Step};
use crate::spec::Spec;
use crate::spec::settings::Identity;
use nix::unistd::{Gid, Uid, User, getgrouplist, getgroups, getresgid, getresuid};
use std::ffi::CStr;
use std::io;

/// The ids of the child. They change together. An id that is already right is not set, since an unprivileged process
/// may not call setgroups even with its own groups.
pub(crate) struct Ids {
    /// The declared uid and gid, which own the streams that are created for the child.
    pub(crate) owner: (u32, u32),
    pub(crate) uid: Option<u32>,
    pub(crate) gid: Option<u32>,
    pub(crate) groups: Option<Vec<u32>>,
    /// Whether the change of the uid would clear capabilities that are kept.
    pub(crate) keeps_caps: bool,
}

/// The capability sets of the child.
pub(crate) struct Masks {
    /// The permitted, effective, inheritable and ambient set.
    pub(crate) keep: u64,
    /// The capabilities to drop from the bounding set.
    pub(crate) drop_bounding: u64,
}

pub(crate) struct Privileges {
    pub(crate) ids: Option<Ids>,
    pub(crate) masks: Option<Masks>,
    pub(crate) no_new_privs: bool,
}

impl Privileges {
    pub(crate) fn new(spec: &Spec) -> Result<Privileges, Error> {
        let mut no_new_privs = spec.process.no_new_privs;
        let masks = spec.process.keep_caps.map(|keep| masks(spec, keep, &mut no_new_privs)).transpose()?;
        let declared = spec.process.identity.as_ref().map(|identity| declared(spec, identity)).transpose()?;
        let keep = masks.as_ref().map_or(0, |masks: &Masks| masks.keep);
        let ids = declared.and_then(|declared| declared.changes(keep));
        Ok(Privileges { ids, masks, no_new_privs })
    }
}

struct Declared {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl Declared {
    /// The ids to set, if any. An id that cannot be read is set.
    fn changes(self, keep: u64) -> Option<Ids> {
        let Declared { uid, gid, groups } = self;
        let uids = getresuid().ok().map(|ids| [ids.real, ids.effective, ids.saved].map(Uid::as_raw));
        let gids = getresgid().ok().map(|ids| [ids.real, ids.effective, ids.saved].map(Gid::as_raw));
        let same_groups =
            getgroups().is_ok_and(|held| sorted(held.into_iter().map(Gid::as_raw)) == sorted(groups.iter().copied()));
        let was_root = uids.is_none_or(|uids| uids.contains(&0));
        let ids = Ids {
            owner: (uid, gid),
            uid: Some(uid).filter(|uid| uids != Some([*uid; 3])),
            gid: Some(gid).filter(|gid| gids != Some([*gid; 3])),
            groups: Some(groups).filter(|_| !same_groups),
            // See capabilities(7), "Effect of user ID changes on capabilities".
            keeps_caps: keep != 0 && uid != 0 && was_root && takes_capabilities(),
        };
        (ids.uid.is_some() || ids.gid.is_some() || ids.groups.is_some()).then_some(ids)
    }
}

/// Whether a thread loses its capabilities when it changes its uid from 0, as it does unless a securebit prevents it.
fn takes_capabilities() -> bool {
    const SECBIT_NO_SETUID_FIXUP: i32 = 1 << 2;
    const SECBIT_KEEP_CAPS: i32 = 1 << 4;
    // SAFETY: this operation of prctl takes no pointers.
    let bits = unsafe { libc::prctl(libc::PR_GET_SECUREBITS) };
    bits < 0 || bits & (SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS) == 0
}

fn sorted(ids: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn declared(spec: &Spec, identity: &Identity) -> Result<Declared, Error> {
    match identity {
        Identity::Numbers { uid, gid, groups } => Ok(Declared { uid: *uid, gid: *gid, groups: groups.clone() }),
        Identity::Name(name) => {
            let failed = |source| failed(spec, Step::User, name.to_string_lossy().into_owned(), source);
            let user = User::from_name(&name.to_string_lossy()).map_err(|errno| failed(errno.into()))?;
            let unknown = || failed(io::Error::new(io::ErrorKind::NotFound, "there is no such user"));
            let user = user.ok_or_else(unknown)?;
            let groups = getgrouplist(name, user.gid).map_err(|errno| failed(errno.into()))?;
            let groups = groups.into_iter().map(Gid::as_raw).collect();
            Ok(Declared { uid: user.uid.as_raw(), gid: user.gid.as_raw(), groups })
        }
    }
}

/// Computes the masks. Without CAP_SETPCAP the bounding set cannot change; then `no_new_privs` is set, so that exec
/// grants no capabilities.
fn masks(spec: &Spec, keep: u64, no_new_privs: &mut bool) -> Result<Masks, Error> {
    let own = |source| failed(spec, Step::Capabilities, "this process".to_owned(), source);
    let missing = caps::missing(keep).map_err(|errno| own(errno.into()))?;
    if !missing.is_empty() {
        let why = io::Error::new(io::ErrorKind::PermissionDenied, "this process does not have it in its permitted set");
        return Err(failed(spec, Step::Capabilities, missing.join(", "), why));
    }
    let mut drop_bounding = 0;
    if caps::may_drop_bounding().map_err(|errno| own(errno.into()))? {
        drop_bounding = caps::bounding().map_err(|errno| own(errno.into()))? & !keep;
    } else {
        *no_new_privs = true;
    }
    Ok(Masks { keep, drop_bounding })
}

fn failed(spec: &Spec, step: Step, operand: String, source: io::Error) -> Error {
    spec.error(ErrorKind::Start { step, operand, source })
}

/// Decodes a C string for a message.
pub(crate) fn shown(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}
