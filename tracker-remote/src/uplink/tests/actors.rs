//! Senders, readers and editors, each in a thread of its own that a schedule moves operation by operation.

use std::{
    collections::BTreeSet,
    path::Path as FilePath,
    sync::{Arc, atomic::Ordering::SeqCst},
    thread::{self, JoinHandle},
    time::Duration,
};

use tracker_core::{
    read::RunReader,
    replica::{FileKind, RunFolder},
};

use super::{
    Fault,
    gate::{Gate, Gated, Order},
    world::{DEFINITION, EVENTS, Template, Truth, World, edit, value},
};
use crate::{Error, Place, Uplink, mirror::open_still};

struct Actor {
    gate: Arc<Gate>,
    thread: JoinHandle<()>,
}

/// Says at its end, also by a panic, that a thread goes through its gate no more.
struct Ends(Arc<Gate>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

pub(super) struct Actors {
    folder: std::path::PathBuf,
    truth: Arc<Truth>,
    fault: Fault,
    senders: [Option<Actor>; 2],
    readers: [Option<Actor>; 3],
}

impl Actor {
    fn start(name: &str, body: impl FnOnce(&Arc<Gate>) + Send + 'static) -> Self {
        let gate = Arc::new(Gate::default());
        let ends = Ends(Arc::clone(&gate));
        let thread = thread::Builder::new().name(name.into());
        let thread = thread.spawn(move || body(&ends.0)).unwrap();
        Self { gate, thread }
    }

    /// Whether it goes on.
    fn steps(&self, count: usize) -> bool {
        (0..count).all(|_| self.gate.step(Order::Do))
    }

    fn join(self) {
        self.thread.join().unwrap();
    }
}

impl Actors {
    pub(super) fn new(world: &World, fault: Fault) -> Self {
        let (folder, truth) = (world.folder.clone(), Arc::clone(&world.truth));
        Self { folder, truth, fault, senders: <_>::default(), readers: <_>::default() }
    }

    fn sender(&mut self, which: usize) -> &Actor {
        let (folder, truth, fault) = (self.folder.clone(), Arc::clone(&self.truth), self.fault);
        self.senders[which].get_or_insert_with(|| {
            Actor::start("sender", move |gate| send_rounds(gate, &folder, &truth, fault))
        })
    }

    pub(super) fn send(&mut self, which: usize, count: usize) {
        self.sender(which).steps(count);
    }

    pub(super) fn lose(&mut self, which: usize, order: Order) {
        self.sender(which).gate.step(order);
    }

    pub(super) fn kill(&mut self, which: usize, order: Order) {
        if let Some(sender) = self.senders[which].take() {
            sender.gate.die(order);
            sender.join();
        }
    }

    pub(super) fn read(&mut self, which: usize, looks: usize) {
        if self.readers[which].is_none() {
            let (truth, fault) = (Arc::clone(&self.truth), self.fault);
            let reader = Actor::start("reader", move |gate| look(gate, &truth, fault, looks));
            self.readers[which] = Some(reader);
        }
    }

    pub(super) fn edit(&mut self, which: usize, text: String) {
        if self.readers[which].is_none() {
            let truth = Arc::clone(&self.truth);
            let editor = Actor::start("editor", move |gate| edit_afar(gate, &truth, text));
            self.readers[which] = Some(editor);
        }
    }

    pub(super) fn go_on(&mut self, which: usize, count: usize) {
        let is_over = self.readers[which].as_ref().is_some_and(|reader| !reader.steps(count));
        if is_over && let Some(reader) = self.readers[which].take() {
            reader.join();
        }
    }

    pub(super) fn trip(&mut self, which: usize) {
        if let Some(reader) = &self.readers[which] {
            reader.gate.step(Order::Fail);
        }
    }

    /// Readers look to their end, senders die.
    pub(super) fn end(mut self) {
        for which in 0..3 {
            while self.readers[which].is_some() {
                self.go_on(which, 100);
            }
        }
        for which in 0..2 {
            self.kill(which, Order::Fail);
        }
    }
}

impl Drop for Actors {
    fn drop(&mut self) {
        for actor in self.senders.iter().chain(&self.readers).flatten() {
            actor.gate.die(Order::Fail);
        }
    }
}

fn gated(gate: &Arc<Gate>, truth: &Arc<Truth>, fault: Fault) -> Gated {
    Gated {
        inner: Arc::clone(&truth.inner),
        gate: Arc::clone(gate),
        truth: Arc::clone(truth),
        fault,
        held: Arc::default(),
        listed: Arc::default(),
        before: Arc::default(),
    }
}

fn send_rounds(gate: &Arc<Gate>, folder: &FilePath, truth: &Arc<Truth>, fault: Fault) {
    let fault_here = if fault == Fault::ListFirst { Fault::None } else { fault };
    let place = Place::of("gated", Arc::new(gated(gate, truth, fault_here)));
    let mut uplink = Uplink::new(&place, folder).unwrap().ahead(Arc::clone(&truth.ahead));
    if fault == Fault::DeletedAtOnce {
        uplink = uplink.keep_pieces(Duration::ZERO);
    }
    while gate.goes_on() {
        match uplink.send() {
            Ok(_) | Err(Error::Away { .. }) => {}
            Err(error) => truth.wrong(format!("a sender says: {error}")),
        }
    }
}

/// Reads the run again and again from the same copy.
fn look(gate: &Arc<Gate>, truth: &Arc<Truth>, fault: Fault, looks: usize) {
    let cache = tempfile::tempdir().unwrap();
    let fault = if fault == Fault::ListFirst { fault } else { Fault::None };
    let gated = gated(gate, truth, fault);
    let place = Place::of("gated", Arc::new(gated.clone()));
    let mut store = None;
    for _ in 0..looks {
        if !gate.goes_on() {
            return;
        }
        let base = truth.confirmed();
        *gated.before.lock() = truth.listed();
        let opened = store.take().map_or_else(|| open_still(&place, cache.path()), Ok);
        let seen = opened.map_err(|error| error.to_string()).and_then(|opened| {
            let run = store.insert(opened).run(&Template::get().id);
            sees(truth, run, base)
        });
        if let (Err(what), false) = (seen, gate.has_failed()) {
            truth.wrong(what);
            return;
        }
    }
}

/// What is wrong with what a reader sees.
fn sees(
    truth: &Truth,
    run: tracker_core::Result<RunReader>,
    (slots, bytes): (u64, u64),
) -> Result<(), String> {
    if slots == 0 {
        return Ok(());
    }
    let run = run.map_err(|error| format!("a reader gave up: {error}"))?;
    let points = run.points().map_err(|error| format!("a reader gave up: {error}"))?;
    let mut steps = BTreeSet::new();
    for row in points.series.iter().flat_map(|series| &series.rows) {
        if !steps.insert(row.step.0) {
            return Err(format!("a reader sees step {} twice", row.step.0));
        }
        if row.value.to_bits() != value(row.step.0).to_bits() {
            return Err(format!("a reader sees another value at step {}", row.step.0));
        }
    }
    let logged = truth.logged.load(SeqCst).saturating_sub(DEFINITION);
    let confirmed = slots.saturating_sub(DEFINITION);
    if let Some(missing) = (0..confirmed).find(|step| !steps.contains(step)) {
        return Err(format!("a reader misses step {missing} of {confirmed} that were confirmed"));
    }
    if let Some(last) = steps.last().filter(|last| **last >= logged) {
        return Err(format!("a reader sees step {last} that was not logged"));
    }
    if let Some(warning) = points.warnings.first() {
        return Err(format!("a reader is warned: {warning}"));
    }
    let events = RunFolder::open(run.path()).and_then(|folder| folder.open_file(EVENTS));
    let events = events.and_then(|file| file.map_or(Ok(Vec::new()), |file| file.read(0..1 << 30)));
    let events = events.map_err(|error| format!("a reader gave up: {error}"))?;
    if (events.len() as u64) < bytes || !truth.events.lock().starts_with(&events) {
        return Err(format!("a reader sees {} bytes of events, {bytes} were there", events.len()));
    }
    Ok(())
}

fn edit_afar(gate: &Arc<Gate>, truth: &Arc<Truth>, text: String) {
    let cache = tempfile::tempdir().unwrap();
    let place = Place::of("gated", Arc::new(gated(gate, truth, Fault::None)));
    if !gate.goes_on() || truth.confirmed() == (0, 0) {
        return;
    }
    let run = open_still(&place, cache.path()).map(|store| store.run(&Template::get().id));
    let is_done = run.is_ok_and(|run| run.is_ok_and(|run| edit(&run, &text).is_ok()));
    if is_done && !gate.has_failed() {
        truth.afar.lock().push(text);
    }
}

/// After the last round the copy is equal to the folder, bit for bit.
pub(super) fn check_end(world: &World) -> Result<(), String> {
    let place = Place::of("gated", Arc::clone(&world.truth.inner) as _);
    let mut uplink =
        Uplink::new(&place, &world.folder).unwrap().ahead(Arc::clone(&world.truth.ahead));
    for _ in 0..3 {
        uplink.send().map_err(|error| format!("a sender says: {error}"))?;
    }
    // The next sender, minutes later, clears up.
    world.truth.ahead.fetch_add(3_600_000_000, SeqCst);
    let mut uplink =
        Uplink::new(&place, &world.folder).unwrap().ahead(Arc::clone(&world.truth.ahead));
    let sent = uplink.send().map_err(|error| format!("a sender says: {error}"))?;
    if !sent.all {
        return Err(format!("not all is sent: {sent:?}"));
    }
    let left = world
        .truth
        .listed()
        .into_iter()
        .find(|object| object.location.as_ref().contains("/grow/live/"));
    if let Some(left) = left {
        return Err(format!("{} is left", left.location));
    }
    let cache = tempfile::tempdir().unwrap();
    let there = open_still(&place, cache.path()).map_err(|error| error.to_string())?;
    let there = there.run(&Template::get().id).map_err(|error| error.to_string())?;
    let here = RunReader::open(&world.folder).unwrap();
    same_files(here.path(), there.path())?;
    if here.info() != there.info() {
        return Err(format!("edits differ: {:?} here, {:?} there", here.info(), there.info()));
    }
    let points = |run: &RunReader| format!("{:?}", run.points().unwrap().series);
    if points(&here) != points(&there) {
        return Err("points differ".into());
    }
    let edits = std::fs::read_to_string(world.folder.join("edits.jsonl")).unwrap_or_default();
    let lost = world
        .truth
        .afar
        .lock()
        .iter()
        .find(|text| !edits.contains(&format!("\"{text}\"")))
        .cloned();
    lost.map_or(Ok(()), |text| Err(format!("the edit {text} from afar is lost")))
}

fn same_files(here: &FilePath, there: &FilePath) -> Result<(), String> {
    let (here, there) = (RunFolder::open(here).unwrap(), RunFolder::open(there).unwrap());
    for file in here.files().unwrap().into_iter().filter(|file| file.kind != FileKind::Lines) {
        let bytes = |folder: &RunFolder| folder.read(&file.path, 1 << 30);
        let copy = bytes(&there)
            .map_err(|error| format!("{} cannot be read there: {error}", file.path))?;
        if bytes(&here).unwrap() != copy {
            return Err(format!("{} differs there", file.path));
        }
    }
    Ok(())
}
