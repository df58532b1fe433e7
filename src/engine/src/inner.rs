//! What all owners of one engine share, and the registry that keeps a run with one owner.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use model::RunId;
use model::workflow::PlanContext;
use parking_lot::Mutex;
use store::Store;
use store::artifacts::Artifacts;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::aside::Calls;
use crate::live::Live;
use crate::outside::Outside;
use crate::relay::Relay;
use crate::step::World;
use crate::tasks::{Kind, Tasks};
use crate::timers::Timers;
use crate::waiters::Waiters;
use crate::watch::Watches;
use crate::{Options, owner};

/// How others reach an owner. A wake-up carries no data: it says "look".
#[derive(Default)]
pub(crate) struct Handle {
    dirty: AtomicBool,
    notify: Notify,
}

impl Handle {
    fn wake(&self) {
        self.dirty.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// Whether somebody asked to look since the last time.
    pub(crate) fn take(&self) -> bool {
        self.dirty.swap(false, Ordering::AcqRel)
    }

    /// Ends when somebody asks to look.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }
}

/// Everything owners share.
pub(crate) struct Inner {
    pub store: Arc<dyn Store>,
    pub artifacts: Arc<Artifacts>,
    pub outside: Arc<dyn Outside>,
    pub options: Options,
    pub waiters: Waiters,
    pub timers: Timers,
    pub watches: Watches,
    pub tasks: Tasks,
    pub shutdown: CancellationToken,
    /// Held while events of the inbox are delivered.
    pub events: tokio::sync::Mutex<()>,
    /// Held while an effect of memory is done: what it has read is what its commit changes.
    pub memory: tokio::sync::Mutex<()>,
    /// Calls beside the steps of their runs.
    pub aside: Calls,
    relay: OnceLock<Arc<dyn Relay>>,
    owners: Mutex<HashMap<RunId, Arc<Handle>>>,
    stranded: Mutex<HashSet<RunId>>,
    deciders: Mutex<HashMap<i64, oneshot::Sender<()>>>,
}

impl Inner {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        artifacts: Arc<Artifacts>,
        outside: Arc<dyn Outside>,
        options: Options,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            artifacts,
            outside,
            options,
            waiters: Waiters::default(),
            timers: Timers::default(),
            watches: Watches::default(),
            tasks: Tasks::default(),
            shutdown: CancellationToken::new(),
            events: tokio::sync::Mutex::default(),
            memory: tokio::sync::Mutex::default(),
            aside: Calls::default(),
            relay: OnceLock::new(),
            owners: Mutex::default(),
            stranded: Mutex::default(),
            deciders: Mutex::default(),
        })
    }

    /// Connects the engine with other processes on the same store. The first connection stays.
    pub(crate) fn connect(&self, relay: Arc<dyn Relay>) {
        let _ = self.relay.set(relay);
    }

    /// Asks the process that drives runs to look; false when nobody hears it.
    pub(crate) fn relay_look(&self, run_id: &str) -> bool {
        self.relay.get().is_some_and(|relay| relay.look(run_id))
    }

    /// Tells other processes that a run has changed.
    pub(crate) fn told_changed(&self, run_id: &RunId) {
        if let Some(relay) = self.relay.get().filter(|_| self.options.runner) {
            relay.changed(run_id);
        }
    }

    /// What a step may look at.
    pub(crate) fn world(&self) -> World<'_> {
        World { outside: &*self.outside, waiters: &self.waiters, retry: &self.options.retry }
    }

    /// A planning context at this moment.
    pub(crate) fn context(&self) -> PlanContext {
        crate::ids::context(self.outside.now(), self.outside.zone())
    }

    /// Makes a run's owner look; a run without one gets one.
    pub(crate) fn wake(self: &Arc<Self>, run_id: &RunId) {
        if self.shutdown.is_cancelled() {
            return;
        }
        if !self.options.runner {
            self.relay_look(run_id);
            return;
        }
        let mut owners = self.owners.lock();
        if let Some(handle) = owners.get(run_id) {
            handle.wake();
            return;
        }
        let handle = Arc::new(Handle::default());
        handle.wake();
        owners.insert(run_id.clone(), handle.clone());
        drop(owners);
        self.spawn_owner(run_id.clone(), handle, None);
    }

    /// Registers the owner of a run that is being admitted: wake-ups that come before its first commit are kept.
    pub(crate) fn claim(&self, run_id: &RunId) -> Arc<Handle> {
        let handle = Arc::new(Handle::default());
        self.owners.lock().insert(run_id.clone(), handle.clone());
        handle
    }

    /// Lets an admitted run go on in its own task.
    pub(crate) fn spawn_owner(self: &Arc<Self>, run_id: RunId, handle: Arc<Handle>, live: Option<Live>) {
        self.tasks.spawn(Kind::Owner, owner::own(self.clone(), run_id, handle, live));
    }

    /// Gives a run up; false when somebody asked to look meanwhile.
    pub(crate) fn release(&self, run_id: &RunId, handle: &Handle) -> bool {
        let mut owners = self.owners.lock();
        if handle.dirty.load(Ordering::Acquire) && !self.shutdown.is_cancelled() {
            return false;
        }
        owners.remove(run_id);
        true
    }

    pub(crate) fn owned(&self) -> usize {
        self.owners.lock().len()
    }

    /// Remembers a run whose workflow is not loaded.
    pub(crate) fn strand(&self, run_id: &RunId) {
        self.stranded.lock().insert(run_id.clone());
    }

    /// Lets stranded runs look again.
    pub(crate) fn wake_stranded(self: &Arc<Self>) {
        let stranded = std::mem::take(&mut *self.stranded.lock());
        for run_id in stranded {
            self.wake(&run_id);
        }
    }

    /// Ends when command `seq` is decided in this process.
    pub(crate) fn decision(&self, seq: i64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.deciders.lock().insert(seq, sender);
        receiver
    }

    /// Tells whoever waits for command `seq`.
    pub(crate) fn settled(&self, seq: i64) {
        if let Some(sender) = self.deciders.lock().remove(&seq) {
            // Nobody waits any more: the client went away.
            let _ = sender.send(());
        }
    }
}
