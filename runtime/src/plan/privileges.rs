//! Who the child is and what it may: worked out in the parent, as numbers and masks.

use super::caps;
use crate::error::{Error, ErrorKind, Step};
use crate::process::Identity;
use crate::spec::Spec;
use nix::unistd::{User, getgrouplist};
use std::ffi::CStr;
use std::io;

/// All ids of the child, which change together.
pub(crate) struct Ids {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
}

/// The capability sets of the child.
pub(crate) struct Masks {
    /// Permitted, effective, inheritable and ambient.
    pub(crate) keep: u64,
    /// What is dropped from the bounding set.
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
        let ids = spec.process.identity.as_ref().map(|identity| ids(spec, identity)).transpose()?;
        let masks = spec.process.keep_caps.map(|keep| masks(spec, keep, &mut no_new_privs)).transpose()?;
        Ok(Privileges { ids, masks, no_new_privs })
    }
}

fn ids(spec: &Spec, identity: &Identity) -> Result<Ids, Error> {
    match identity {
        Identity::Numbers { uid, gid, groups } => Ok(Ids { uid: *uid, gid: *gid, groups: groups.clone() }),
        Identity::Name(name) => {
            let failed = |source| failed(spec, Step::User, name.to_string_lossy().into_owned(), source);
            let user = User::from_name(&name.to_string_lossy()).map_err(|errno| failed(errno.into()))?;
            let unknown = || failed(io::Error::new(io::ErrorKind::NotFound, "there is no such user"));
            let user = user.ok_or_else(unknown)?;
            let groups = getgrouplist(name, user.gid).map_err(|errno| failed(errno.into()))?;
            let groups = groups.into_iter().map(nix::unistd::Gid::as_raw).collect();
            Ok(Ids { uid: user.uid.as_raw(), gid: user.gid.as_raw(), groups })
        }
    }
}

/// Without SETPCAP the bounding set stays as it is: `no_new_privs` makes that moot, since nothing is regained at exec.
fn masks(spec: &Spec, keep: u64, no_new_privs: &mut bool) -> Result<Masks, Error> {
    let own = |source| failed(spec, Step::Capabilities, "this process".to_owned(), source);
    let held = caps::held().map_err(|errno| own(errno.into()))?;
    let missing = keep & !held.permitted;
    if missing != 0 {
        let names: Vec<_> = (0..64).filter(|number| missing >> number & 1 != 0).map(capability_name).collect();
        let why = io::Error::new(io::ErrorKind::PermissionDenied, "this process does not hold it");
        return Err(failed(spec, Step::Capabilities, names.join(", "), why));
    }
    let mut drop_bounding = 0;
    if held.effective & crate::language::caps::SETPCAP != 0 {
        drop_bounding = caps::bounding(&held).map_err(|errno| own(errno.into()))? & !keep;
    } else {
        *no_new_privs = true;
    }
    Ok(Masks { keep, drop_bounding })
}

fn failed(spec: &Spec, step: Step, operand: String, source: io::Error) -> Error {
    spec.error(ErrorKind::Start { step, operand, source })
}

/// The name of a capability by its number.
pub(crate) fn capability_name(number: i32) -> String {
    let known = usize::try_from(number).ok().and_then(|number| crate::language::caps::NAMES.get(number));
    known.map_or_else(|| format!("capability {number}"), |name| (*name).to_owned())
}

/// The text of a C string, for messages.
pub(crate) fn shown(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}
