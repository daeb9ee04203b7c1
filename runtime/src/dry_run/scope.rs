//! The open scopes of each thread and of the process, and the choice of the one that answers.

use super::{Answer, Recorded};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Local = Inner<dyn Fn(&Recorded) -> Answer>;
pub(super) type Shared = Inner<dyn Fn(&Recorded) -> Answer + Send + Sync>;

/// A closure that answers, and the commands that it was asked about.
pub(super) struct Inner<F: ?Sized> {
    recorded: Mutex<Vec<Recorded>>,
    answer: F,
}

/// An open scope: of one thread only, or shared by threads.
#[derive(Clone)]
pub(super) enum Scope {
    Local(Rc<Local>),
    Shared(Arc<Shared>),
}

impl<F: ?Sized> Inner<F> {
    fn recorded(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    pub(super) fn new(answer: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) -> Arc<Shared> {
        Arc::new(Inner { recorded: Mutex::default(), answer })
    }

    pub(super) fn all_recorded(&self) -> Vec<Recorded> {
        self.recorded().clone()
    }
}

impl Scope {
    pub(super) fn of_thread(answer: impl Fn(&Recorded) -> Answer + 'static) -> Scope {
        Scope::Local(Rc::new(Inner { recorded: Mutex::default(), answer }))
    }

    /// The identity of the scope.
    fn id(&self) -> *const () {
        match self {
            Scope::Local(local) => Rc::as_ptr(local).cast(),
            Scope::Shared(shared) => Arc::as_ptr(shared).cast(),
        }
    }

    pub(super) fn push(&self, recorded: Recorded) {
        match self {
            Scope::Local(local) => local.recorded().push(recorded),
            Scope::Shared(shared) => shared.recorded().push(recorded),
        }
    }

    pub(super) fn take_recorded(&self) -> Vec<Recorded> {
        match self {
            Scope::Local(local) => std::mem::take(&mut local.recorded()),
            Scope::Shared(shared) => std::mem::take(&mut shared.recorded()),
        }
    }

    pub(super) fn answer(&self, recorded: &Recorded) -> Answer {
        match self {
            Scope::Local(local) => (local.answer)(recorded),
            Scope::Shared(shared) => (shared.answer)(recorded),
        }
    }
}

/// An entry of a thread: a scope, or a placeholder for one that this thread cannot ask.
#[derive(Clone)]
enum EnteredScope {
    Here(Scope),
    /// A scope of the thread that started the command which this thread serves. Only that thread can call its closure.
    /// The number identifies it.
    Elsewhere(usize),
}

impl EnteredScope {
    fn id(&self) -> usize {
        match self {
            EnteredScope::Here(scope) => scope.id().addr(),
            EnteredScope::Elsewhere(id) => *id,
        }
    }
}

/// The scopes that a thread has entered and is asking, to be passed to another thread.
pub(crate) struct Scopes {
    open: Vec<Handed>,
    asked: Vec<Handed>,
}

enum Handed {
    Shared(Arc<Shared>),
    Local(usize),
}

impl From<&EnteredScope> for Handed {
    fn from(held: &EnteredScope) -> Handed {
        match held {
            EnteredScope::Here(Scope::Shared(shared)) => Handed::Shared(Arc::clone(shared)),
            other => Handed::Local(other.id()),
        }
    }
}

impl From<Handed> for EnteredScope {
    fn from(handed: Handed) -> EnteredScope {
        match handed {
            Handed::Shared(shared) => EnteredScope::Here(Scope::Shared(shared)),
            Handed::Local(id) => EnteredScope::Elsewhere(id),
        }
    }
}

impl Scopes {
    /// The scopes of this thread.
    pub(crate) fn of_this_thread() -> Scopes {
        let open = OF_THREAD.try_with(|open| open.borrow().0.iter().map(|(_, held)| held.into()).collect());
        let asked = ANSWERING.try_with(|asked| asked.borrow().iter().map(Handed::from).collect());
        Scopes { open: open.unwrap_or_default(), asked: asked.unwrap_or_default() }
    }

    /// Enters them until this thread ends: values that its closures hold may run commands when they are dropped.
    pub(crate) fn enter_until_the_end(self) {
        OF_THREAD.with_borrow_mut(|open| {
            for handed in self.open {
                open.enter(handed.into());
            }
        });
        ANSWERING.with_borrow_mut(|asked| asked.extend(self.asked.into_iter().map(EnteredScope::from)));
    }
}

/// Scopes in the order of entry, each with a number of its own, since they may be left in any order.
struct Open<S>(Vec<(u64, S)>);

impl<S> Open<S> {
    fn enter(&mut self, scope: S) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let entry = NEXT.fetch_add(1, Ordering::Relaxed);
        self.0.push((entry, scope));
        entry
    }

    fn leave(&mut self, entry: u64) -> Option<S> {
        let at = self.0.iter().position(|(open, _)| *open == entry)?;
        Some(self.0.remove(at).1)
    }
}

thread_local! {
    static OF_THREAD: RefCell<Open<EnteredScope>> = const { RefCell::new(Open(Vec::new())) };
    /// The scopes whose closures this thread is calling.
    static ANSWERING: RefCell<Vec<EnteredScope>> = const { RefCell::new(Vec::new()) };
}

static OF_PROCESS: Mutex<Open<Arc<Shared>>> = Mutex::new(Open(Vec::new()));
/// The number of scopes of the process, checked before the lock is taken.
static IN_PROCESS: AtomicUsize = AtomicUsize::new(0);

fn of_process() -> MutexGuard<'static, Open<Arc<Shared>>> {
    OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An entered scope of this thread. Dropping it leaves the scope.
pub(super) struct EnteredThread(u64, PhantomData<Rc<()>>);

pub(super) fn enter(scope: Scope) -> EnteredThread {
    EnteredThread(OF_THREAD.with_borrow_mut(|open| open.enter(EnteredScope::Here(scope))), PhantomData)
}

impl Drop for EnteredThread {
    fn drop(&mut self) {
        // The scope is dropped after the borrow ends, since values that its closure holds may run commands. A thread
        // that is ending has no scopes any more.
        let left = OF_THREAD.try_with(|open| open.borrow_mut().leave(self.0));
        drop(left);
    }
}

/// An entered scope of the process. Dropping it leaves the scope.
pub(super) struct EnteredAll(u64);

pub(super) fn enter_process(scope: Arc<Shared>) -> EnteredAll {
    let mut open = of_process();
    IN_PROCESS.fetch_add(1, Ordering::SeqCst);
    EnteredAll(open.enter(scope))
}

impl Drop for EnteredAll {
    fn drop(&mut self) {
        let left = of_process().leave(self.0);
        IN_PROCESS.fetch_sub(1, Ordering::SeqCst);
        drop(left);
    }
}

/// Whether any scope is open for this thread.
pub(super) fn is_any() -> bool {
    let of_thread = OF_THREAD.try_with(|open| !open.borrow().0.is_empty()).unwrap_or(false);
    of_thread || IN_PROCESS.load(Ordering::SeqCst) > 0
}

pub(super) enum Innermost {
    Scope(Scope),
    /// Only scopes whose closures this thread is calling.
    Answering,
    /// A scope whose closure only another thread can call.
    Elsewhere,
    None,
}

/// The scope that answers a command of this thread: scopes of the thread before those of the process, the last entered
/// first.
pub(super) fn innermost() -> Innermost {
    if !is_any() {
        return Innermost::None;
    }
    let of_thread = |open: &RefCell<Open<EnteredScope>>| open.borrow().0.iter().map(|(_, held)| held.clone()).collect();
    let of_thread: Vec<EnteredScope> = OF_THREAD.try_with(of_thread).unwrap_or_default();
    let held = |shared: &Arc<Shared>| EnteredScope::Here(Scope::Shared(Arc::clone(shared)));
    let of_process: Vec<EnteredScope> = of_process().0.iter().map(|(_, shared)| held(shared)).collect();
    let asked = |asked: &RefCell<Vec<EnteredScope>>| asked.borrow().iter().map(EnteredScope::id).collect();
    let asked: Vec<usize> = ANSWERING.try_with(asked).unwrap_or_default();
    let mut open = of_process.into_iter().chain(of_thread).rev().peekable();
    if open.peek().is_none() {
        return Innermost::None;
    }
    match open.find(|held| !asked.contains(&held.id())) {
        Some(EnteredScope::Here(scope)) => Innermost::Scope(scope),
        Some(EnteredScope::Elsewhere(_)) => Innermost::Elsewhere,
        None => Innermost::Answering,
    }
}

/// Marks a scope whose closure is being called, so that the closure's own commands skip it.
pub(super) struct Answering(PhantomData<Rc<()>>);

impl Answering {
    pub(super) fn begin(scope: &Scope) -> Answering {
        let _ = ANSWERING.try_with(|asked| asked.borrow_mut().push(EnteredScope::Here(scope.clone())));
        Answering(PhantomData)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let asked = ANSWERING.try_with(|asked| asked.borrow_mut().pop());
        drop(asked);
    }
}
