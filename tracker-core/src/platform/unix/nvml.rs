//! NVIDIA's management library: which graphics cards there are, and what they do.
//!
//! It comes with the driver, and is loaded when it is asked for: nothing is compiled or linked for it. Of its
//! functions, those stand here that read a number. The list of a card's processes and its fans are not
//! among them: the driver answers these under the lock that a training takes to submit work.

#![expect(unsafe_code, reason = "a library of C is called")]

use std::{
    ffi::{CStr, c_char, c_int, c_uint, c_ulonglong, c_void},
    fmt,
};

use libloading::Library;

use super::kernel_file;

/// Its name since the first version, in all distributions.
const LIBRARY: &str = "libnvidia-ml.so.1";

/// Where the driver is, one of these is.
const DEVICES: [&str; 2] = ["/dev/nvidiactl", "/proc/driver/nvidia/version"];

/// `nvmlReturn_t`.
const SUCCESS: c_int = 0;
/// What a card, this user or this version of the driver does not tell, now or ever.
const NO_ANSWER: [c_int; 3] = [3, 4, 13];
const DRIVER_NOT_LOADED: c_int = 9;

/// `NVML_TEMPERATURE_GPU`.
const OF_THE_CARD: c_uint = 0;

/// Reasons for which a card is slower than it could be: hardware, heat by software's measure, heat by
/// hardware's, and a brake from outside. Not the limit of its power, at which a busy card always is.
const THROTTLED: c_ulonglong = 0x08 | 0x20 | 0x40 | 0x80;

/// Longer than any identity of a card.
const LONGEST_UUID: usize = 96;

/// A card, or a part of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Card(*mut c_void);

// SAFETY: the library may be called from any thread, and a handle is good in all of them, until the process
// ends. Nothing is read or written through it here.
unsafe impl Send for Card {}

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This card never has one.
    Unsupported,
    /// It does not answer.
    Failed(String),
}

type OfCard<T> = unsafe extern "C" fn(*mut c_void, *mut T) -> c_int;

/// Which functions the library has. A driver may be older than some of them.
pub(crate) struct Nvml {
    count: unsafe extern "C" fn(*mut c_uint) -> c_int,
    card: unsafe extern "C" fn(c_uint, *mut *mut c_void) -> c_int,
    error_text: Option<unsafe extern "C" fn(c_int) -> *const c_char>,
    uuid: Option<unsafe extern "C" fn(*mut c_void, *mut c_char, c_uint) -> c_int>,
    utilization: Option<OfCard<Utilization>>,
    memory: Option<OfCard<Memory>>,
    power: Option<OfCard<c_uint>>,
    temperature: Option<unsafe extern "C" fn(*mut c_void, c_uint, *mut c_uint) -> c_int>,
    throttle_reasons: Option<OfCard<c_ulonglong>>,
    most_parts: Option<OfCard<c_uint>>,
    part: Option<unsafe extern "C" fn(*mut c_void, c_uint, *mut *mut c_void) -> c_int>,
}

/// `nvmlUtilization_t`: percent of the time.
#[repr(C)]
#[derive(Debug, Default)]
struct Utilization {
    card: c_uint,
    memory: c_uint,
}

/// `nvmlMemory_t`: bytes. What is used has in it what the driver keeps for itself.
#[repr(C)]
#[derive(Debug, Default)]
struct Memory {
    total: c_ulonglong,
    free: c_ulonglong,
    used: c_ulonglong,
}

impl Nvml {
    /// The library, ready to be asked; `None` where there is no driver, or one without the functions that
    /// find cards.
    ///
    /// # Errors
    /// Where the driver's device is and its library does not work, what is wrong.
    pub(crate) fn load() -> Result<Option<Self>, String> {
        if !is_device_there() {
            return Ok(None);
        }
        // SAFETY: what the library does as it is loaded is the driver's own, as for each program that
        // computes on its cards.
        let library = unsafe { Library::new(LIBRARY) }.map_err(|error| error.to_string())?;
        let Some((found, init)) = Self::functions_of(&library) else { return Ok(None) };
        // Its functions are used until the process ends, and its own threads may be.
        std::mem::forget(library);
        // SAFETY: `nvmlInit_v2` takes nothing, and may be called again by others in this process.
        match unsafe { init() } {
            SUCCESS => Ok(Some(found)),
            DRIVER_NOT_LOADED => Ok(None),
            code => Err(found.text_of(code)),
        }
    }

    fn functions_of(library: &Library) -> Option<(Self, unsafe extern "C" fn() -> c_int)> {
        // SAFETY: each name is given the type that `nvml.h` gives it, and keeps it: a function that changes
        // gets a new name.
        unsafe {
            let found = Self {
                count: function(library, "nvmlDeviceGetCount_v2")?,
                card: function(library, "nvmlDeviceGetHandleByIndex_v2")?,
                error_text: function(library, "nvmlErrorString"),
                uuid: function(library, "nvmlDeviceGetUUID"),
                utilization: function(library, "nvmlDeviceGetUtilizationRates"),
                memory: function(library, "nvmlDeviceGetMemoryInfo"),
                power: function(library, "nvmlDeviceGetPowerUsage"),
                temperature: function(library, "nvmlDeviceGetTemperature"),
                // It was renamed, and later drivers may have the new name alone.
                throttle_reasons: function(library, "nvmlDeviceGetCurrentClocksEventReasons")
                    .or_else(|| function(library, "nvmlDeviceGetCurrentClocksThrottleReasons")),
                most_parts: function(library, "nvmlDeviceGetMaxMigDeviceCount"),
                part: function(library, "nvmlDeviceGetMigDeviceHandleByIndex"),
            };
            Some((found, function(library, "nvmlInit_v2")?))
        }
    }

    /// How many cards there are.
    pub(crate) fn count(&self) -> Result<u32, Refusal> {
        let mut count = 0;
        // SAFETY: it writes one number to where it is told.
        let code = unsafe { (self.count)(&raw mut count) };
        self.answer(code, count)
    }

    /// The card of this number, which its bus gives it.
    pub(crate) fn card(&self, number: u32) -> Result<Card, Refusal> {
        let mut handle = std::ptr::null_mut();
        // SAFETY: it writes a handle to where it is told.
        let code = unsafe { (self.card)(number, &raw mut handle) };
        self.answer(code, Card(handle))
    }

    /// The parts of a card that is divided: multi-instance GPUs.
    pub(crate) fn parts(&self, card: Card) -> Vec<Card> {
        let Some(part) = self.part else { return Vec::new() };
        let most = self.ask(self.most_parts, card).unwrap_or(0_u32);
        let part = |number| {
            let mut handle = std::ptr::null_mut();
            // SAFETY: as for a whole card.
            let code = unsafe { part(card.0, number, &raw mut handle) };
            (code == SUCCESS).then_some(Card(handle))
        };
        // Numbers between two parts may be free.
        (0..most).filter_map(part).collect()
    }

    /// The identity of a card or a part, such as `GPU-` and a UUID.
    pub(crate) fn uuid(&self, card: Card) -> Result<String, Refusal> {
        let uuid = self.uuid.ok_or(Refusal::Unsupported)?;
        let mut text = [0_u8; LONGEST_UUID];
        // SAFETY: it writes no more bytes than it is told there are, and ends them with a zero.
        let code = unsafe { uuid(card.0, text.as_mut_ptr().cast(), LONGEST_UUID as c_uint) };
        let text = CStr::from_bytes_until_nul(&text).unwrap_or_default();
        self.answer(code, text.to_string_lossy().into_owned())
    }

    /// Which share of the time something was computed on the card, as it measures by itself: over a
    /// sixth of a second up to a second.
    pub(crate) fn utilization(&self, card: Card) -> Result<f64, Refusal> {
        let utilization: Utilization = self.ask(self.utilization, card)?;
        Ok(f64::from(utilization.card) / 100.0)
    }

    /// How many bytes of its memory are taken, by anybody.
    pub(crate) fn memory(&self, card: Card) -> Result<f64, Refusal> {
        let memory: Memory = self.ask(self.memory, card)?;
        Ok(memory.used as f64)
    }

    /// Watts.
    pub(crate) fn power(&self, card: Card) -> Result<f64, Refusal> {
        let milliwatts: c_uint = self.ask(self.power, card)?;
        Ok(f64::from(milliwatts) / 1e3)
    }

    /// Degrees Celsius.
    pub(crate) fn temperature(&self, card: Card) -> Result<f64, Refusal> {
        let temperature = self.temperature.ok_or(Refusal::Unsupported)?;
        let mut degrees = 0;
        // SAFETY: it writes one number to where it is told.
        let code = unsafe { temperature(card.0, OF_THE_CARD, &raw mut degrees) };
        self.answer(code, f64::from(degrees))
    }

    /// Whether heat, a fault or its supply of power makes it slower than it could be.
    pub(crate) fn is_throttled(&self, card: Card) -> Result<bool, Refusal> {
        let reasons: c_ulonglong = self.ask(self.throttle_reasons, card)?;
        Ok(reasons & THROTTLED != 0)
    }

    fn ask<T: Default>(&self, function: Option<OfCard<T>>, card: Card) -> Result<T, Refusal> {
        let function = function.ok_or(Refusal::Unsupported)?;
        let mut value = T::default();
        // SAFETY: the handle is the library's own, and it writes one value of this type to where it is
        // told.
        let code = unsafe { function(card.0, &raw mut value) };
        self.answer(code, value)
    }

    fn answer<T>(&self, code: c_int, value: T) -> Result<T, Refusal> {
        match code {
            SUCCESS => Ok(value),
            code if NO_ANSWER.contains(&code) => Err(Refusal::Unsupported),
            code => Err(Refusal::Failed(self.text_of(code))),
        }
    }

    fn text_of(&self, code: c_int) -> String {
        // SAFETY: it gives a text that is part of the library, for each number.
        let text = self.error_text.map(|text_of| unsafe { text_of(code) });
        match text {
            Some(text) if !text.is_null() => {
                // SAFETY: as above; C ends it with a zero.
                unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
            }
            _ => format!("error {code}"),
        }
    }
}

impl fmt::Debug for Nvml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nvml").finish_non_exhaustive()
    }
}

/// A function of the library, if it has one of this name.
///
/// # Safety
/// `F` must be the type that the function has.
unsafe fn function<F: Copy>(library: &Library, name: &str) -> Option<F> {
    // SAFETY: the caller's.
    unsafe { library.get::<F>(name.as_bytes()) }.ok().map(|function| *function)
}

fn is_device_there() -> bool {
    #[cfg(feature = "testing")]
    if crate::platform::NVIDIA_IS_ASSUMED.load(std::sync::atomic::Ordering::Relaxed) {
        return true;
    }
    DEVICES.iter().any(kernel_file::is_there)
}
