//! Curves that took long to read, as many as fit into a few megabytes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::ui::curves::curve::Curve;

/// What all kept curves may take, in bytes.
const MOST_BYTES: usize = 24 << 20;

/// The curves that were asked for last.
#[derive(Debug, Default)]
pub(crate) struct CurveCache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    curves: HashMap<String, (u64, Arc<Curve>)>,
    bytes: usize,
    /// Grows with each use, so that the least is of the curve not used for longest.
    clock: u64,
}

impl CurveCache {
    /// The curve of this key, read now if it is not kept. Two that ask for one curve at once both
    /// read it.
    pub(crate) fn get_or_read<E>(
        &self,
        key: &str,
        read: impl FnOnce() -> Result<Curve, E>,
    ) -> Result<Arc<Curve>, E> {
        if let Some(curve) = self.lock().get(key) {
            return Ok(curve);
        }
        let curve = Arc::new(read()?);
        self.lock().add(key, &curve);
        Ok(curve)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&mut self, key: &str) -> Option<Arc<Curve>> {
        self.clock += 1;
        let (used, curve) = self.curves.get_mut(key)?;
        *used = self.clock;
        Some(Arc::clone(curve))
    }

    fn add(&mut self, key: &str, curve: &Arc<Curve>) {
        self.bytes += curve.bytes() + key.len();
        if let Some((_, before)) =
            self.curves.insert(key.to_owned(), (self.clock, Arc::clone(curve)))
        {
            self.bytes -= before.bytes() + key.len();
        }
        while self.bytes > MOST_BYTES {
            let oldest = self.curves.iter().min_by_key(|(_, (used, _))| *used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            if let Some((_, curve)) = self.curves.remove(&oldest) {
                self.bytes -= curve.bytes() + oldest.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn what_is_not_used_for_longest_makes_room() {
        let cache = CurveCache::default();
        let large = || Ok::<_, Infallible>(Curve::of_size(MOST_BYTES / 5 * 2));
        let never = || -> Result<Curve, ()> { Err(()) };
        cache.get_or_read("a", large).unwrap();
        cache.get_or_read("b", large).unwrap();
        cache.get_or_read("a", never).unwrap();
        cache.get_or_read("c", large).unwrap();
        assert!(cache.get_or_read("a", never).is_ok());
        assert!(cache.get_or_read("b", never).is_err());
        assert!(cache.lock().bytes <= MOST_BYTES);
    }
}
