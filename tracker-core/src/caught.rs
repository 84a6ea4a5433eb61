//! Panics of a library that are caught and become errors: they are nobody's end, so nobody hears
//! of them.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
    thread,
};

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught by [`catch`] and becomes an error.
pub(crate) fn is_caught() -> bool {
    CATCHING.get()
}

/// Does some work in which a library may panic. `None` if it did; its message goes to no panic
/// hook that was set before the first call of this function in the process.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_with_words(work).ok()
}

/// As [`catch`]; of a panic, its message.
pub(crate) fn catch_with_words<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    quieten();
    let before = CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(before);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
    })
}

/// Keeps panics that are caught from those who hear of panics, from now on. A run does so where it starts:
/// done by another thread later, it could cross with a hook that the program sets at that moment.
pub(crate) fn quieten() {
    static ONCE: Once = Once::new();
    // The hook cannot be changed by a thread that panics.
    if thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !is_caught() {
                earlier(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_that_is_caught_is_no_panic_of_the_thread() {
        assert_eq!(catch(|| 5), Some(5));
        assert_eq!(catch(|| -> u8 { panic!("heard by nobody") }), None);
        assert!(!is_caught() && !thread::panicking());
        assert_eq!(catch_with_words(|| -> u8 { panic!("word {}", 1) }), Err("word 1".to_owned()));
    }

    #[test]
    fn work_within_work_stays_caught_until_the_outer_one_ends() {
        let inside = catch(|| {
            let inner = catch(|| -> u8 { panic!("heard by nobody") });
            (inner, is_caught())
        });
        assert_eq!(inside, Some((None, true)));
        assert!(!is_caught());
    }
}
