//! A dry run that several threads can enter.

use super::scope::{self, EnteredAll, EnteredThread, Scope, Shared};
use super::{Answer, Recorded};
use std::fmt;
use std::sync::Arc;

/// A dry run that single threads or the whole process can enter. It answers the commands of those that have entered it.
/// A clone is the same dry run.
///
/// ```
/// use airtight::command;
/// use airtight::dry_run::{Answer, DryRun};
///
/// let dry_run = DryRun::new(|_| Answer::success().stdout("6.1.0\n"));
/// let worker = {
///     let dry_run = dry_run.clone();
///     std::thread::spawn(move || {
///         let _entered = dry_run.enter();
///         command! { "uname", args: ["-r"], stdout: text }.run().map(|output| output.into_stdout())
///     })
/// };
/// assert_eq!(worker.join().unwrap()?, "6.1.0\n");
/// assert_eq!(dry_run.recorded()[0].text(), "uname -r");
/// # Ok::<(), airtight::Error>(())
/// ```
#[derive(Clone)]
pub struct DryRun(Arc<Shared>);

impl DryRun {
    /// Creates a dry run that answers with `answer`, which several threads may call at the same time. It answers no
    /// command until it is entered.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, DryRun};
    /// let dry_run = DryRun::new(|command| match command.program().to_str() {
    ///     Some("blkid") => Answer::exit(2),
    ///     _ => Answer::success(),
    /// });
    /// assert!(dry_run.recorded().is_empty());
    /// ```
    pub fn new(answer: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) -> DryRun {
        DryRun(Shared::new(answer))
    }

    /// Enters the dry run in this thread, until the returned value is dropped. No command of the thread is started. The
    /// scope that was entered last answers.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, DryRun};
    /// let dry_run = DryRun::new(|_| Answer::success());
    /// let entered = dry_run.enter();
    /// airtight::command! { "rm", args: ["-rf", "/"] }.run()?;
    /// drop(entered);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn enter(&self) -> Entered {
        Entered(scope::enter(Scope::Shared(Arc::clone(&self.0))))
    }

    /// Enters the dry run for all threads of this process, including threads that start later, until the returned value
    /// is dropped. A scope that a thread has entered itself answers first.
    ///
    /// This also affects other tests that run in the same process at the same time. Use it for a test in a process of
    /// its own, or for all tests of a process.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, DryRun};
    /// let dry_run = DryRun::new(|_| Answer::success());
    /// let _entered = dry_run.enter_process();
    /// std::thread::spawn(|| airtight::command! { "rm", args: ["-rf", "/"] }.run()).join().unwrap()?;
    /// assert_eq!(dry_run.recorded().len(), 1);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn enter_process(&self) -> EnteredProcess {
        EnteredProcess(scope::enter_process(Arc::clone(&self.0)))
    }

    /// The commands so far, in the order in which they were run.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, DryRun};
    /// let dry_run = DryRun::new(|_| Answer::success());
    /// let _entered = dry_run.enter();
    /// airtight::command! { "mount", args: ["-a"] }.run()?;
    /// assert_eq!(dry_run.recorded()[0].text(), "mount -a");
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn recorded(&self) -> Vec<Recorded> {
        self.0.all_recorded()
    }
}

impl fmt::Debug for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DryRun").field(&self.recorded()).finish()
    }
}

/// The entry of a thread into a [`DryRun`]. Dropping it leaves the dry run. It cannot be sent to another thread.
#[must_use = "the dry run is left when this is dropped"]
pub struct Entered(#[allow(dead_code, reason = "dropping it leaves the dry run")] EnteredThread);

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered")
    }
}

/// The entry of the process into a [`DryRun`]. Dropping it leaves the dry run.
#[must_use = "the dry run is left when this is dropped"]
pub struct EnteredProcess(#[allow(dead_code, reason = "dropping it leaves the dry run")] EnteredAll);

impl fmt::Debug for EnteredProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnteredProcess")
    }
}
