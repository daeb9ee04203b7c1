//! Which scopes are open, of this thread and of the process, and which of them answers.

use super::{Answer, Recorded};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Local = Inner<dyn Fn(&Recorded) -> Answer>;
pub(super) type Shared = Inner<dyn Fn(&Recorded) -> Answer + Send + Sync>;

/// A closure that answers, and what it was asked.
pub(super) struct Inner<F: ?Sized> {
    recorded: Mutex<Vec<Recorded>>,
    answer: F,
}

/// One that is open: of one thread alone, or one that threads share.
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

    /// Tells it from others.
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

/// Scopes in the order in which they were entered, each with a number of its own: they may be left in any order.
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
    static OF_THREAD: RefCell<Open<Scope>> = const { RefCell::new(Open(Vec::new())) };
    /// Those whose closures are being asked by this thread.
    static ANSWERING: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

static OF_PROCESS: Mutex<Open<Arc<Shared>>> = Mutex::new(Open(Vec::new()));
/// How many are in it, for a quick look.
static IN_PROCESS: AtomicUsize = AtomicUsize::new(0);

fn of_process() -> MutexGuard<'static, Open<Arc<Shared>>> {
    OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Open until it is dropped, in the thread that opened it.
pub(super) struct EnteredThread(u64, PhantomData<Rc<()>>);

pub(super) fn enter(scope: Scope) -> EnteredThread {
    EnteredThread(OF_THREAD.with_borrow_mut(|open| open.enter(scope)), PhantomData)
}

impl Drop for EnteredThread {
    fn drop(&mut self) {
        // The scope itself is dropped outside of the borrow: what its closure holds may run commands. A thread that has
        // ended has none.
        let left = OF_THREAD.try_with(|open| open.borrow_mut().leave(self.0));
        drop(left);
    }
}

/// Open for all threads until it is dropped.
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
    /// Only such as this thread is asking already.
    Answering,
    None,
}

/// The scope that answers a command of this thread: its own before those of the process, the last entered first.
pub(super) fn innermost() -> Innermost {
    if !is_any() {
        return Innermost::None;
    }
    let of_thread = |open: &RefCell<Open<Scope>>| open.borrow().0.iter().map(|(_, scope)| scope.clone()).collect();
    let of_thread: Vec<Scope> = OF_THREAD.try_with(of_thread).unwrap_or_default();
    let of_process: Vec<Scope> = of_process().0.iter().map(|(_, scope)| Scope::Shared(Arc::clone(scope))).collect();
    let asked = |asked: &RefCell<Vec<Scope>>| asked.borrow().iter().map(Scope::id).collect();
    let asked: Vec<*const ()> = ANSWERING.try_with(asked).unwrap_or_default();
    let mut open = of_process.into_iter().chain(of_thread).rev().peekable();
    if open.peek().is_none() {
        return Innermost::None;
    }
    open.find(|scope| !asked.contains(&scope.id())).map_or(Innermost::Answering, Innermost::Scope)
}

/// While a scope's closure is asked: what it runs itself is no concern of that scope's.
pub(super) struct Answering(PhantomData<Rc<()>>);

impl Answering {
    pub(super) fn begin(scope: &Scope) -> Answering {
        let _ = ANSWERING.try_with(|asked| asked.borrow_mut().push(scope.clone()));
        Answering(PhantomData)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let asked = ANSWERING.try_with(|asked| asked.borrow_mut().pop());
        drop(asked);
    }
}
