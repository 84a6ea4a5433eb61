//! Stands in for NVIDIA's library: as many cards as the environment says, each with numbers of its own.
//! Compiled by the test that loads it.
//!
//! | variable | what it says |
//! |---|---|
//! | `STAND_IN_CARDS` | how many cards there are |
//! | `STAND_IN_NO_POWER` | the card that cannot tell its power |
//! | `STAND_IN_LOST` | the card that is lost after two looks |
//! | `STAND_IN_INIT` | what the beginning answers |
//! | `STAND_IN_CALLS` | the file in which each call is a line |

#![allow(non_snake_case, clippy::missing_safety_doc)]

use std::{
    env,
    ffi::{c_char, c_int, c_uint, c_ulonglong, c_void},
    fs::OpenOptions,
    io::Write,
    sync::atomic::{AtomicU32, Ordering},
};

const SUCCESS: c_int = 0;
const NOT_SUPPORTED: c_int = 3;
const NOT_FOUND: c_int = 6;
const LOST: c_int = 15;

static LOOKS: [AtomicU32; 128] = [const { AtomicU32::new(0) }; 128];

type Device = *mut c_void;

fn number(name: &str) -> Option<u32> {
    env::var(name).ok()?.parse().ok()
}

/// Handles are a card's number and one, parts of it that and 1,000.
fn card_of(device: Device) -> u32 {
    device as usize as u32 - 1
}

/// Keeps the call; what the card answers before it is asked.
fn asked(device: Device, what: &str) -> c_int {
    let card = card_of(device);
    if let Ok(path) = env::var("STAND_IN_CALLS") {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(format!("{what} {card}\n").as_bytes()).unwrap();
    }
    let is_lost = number("STAND_IN_LOST") == Some(card)
        && LOOKS[card as usize % 128].load(Ordering::Relaxed) > 2;
    if is_lost { LOST } else { SUCCESS }
}

#[repr(C)]
pub struct Utilization {
    card: c_uint,
    memory: c_uint,
}

#[repr(C)]
pub struct Memory {
    total: c_ulonglong,
    free: c_ulonglong,
    used: c_ulonglong,
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInit_v2() -> c_int {
    number("STAND_IN_INIT").map_or(SUCCESS, |code| code as c_int)
}

#[cfg(not(without_count))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCount_v2(count: *mut c_uint) -> c_int {
    unsafe { *count = number("STAND_IN_CARDS").unwrap_or(0) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: c_uint, device: *mut Device) -> c_int {
    unsafe { *device = (index + 1) as usize as Device };
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(code: c_int) -> *const c_char {
    if code == LOST { c"GPU is lost".as_ptr() } else { c"another error".as_ptr() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUUID(
    device: Device,
    text: *mut c_char,
    length: c_uint,
) -> c_int {
    let card = card_of(device);
    let uuid = match card.checked_sub(1_000) {
        Some(card) => format!("MIG-{card:08x}-5678\0"),
        None => format!("GPU-{card:08x}-1234\0"),
    };
    assert!(uuid.len() <= length as usize);
    unsafe { std::ptr::copy_nonoverlapping(uuid.as_ptr().cast(), text, uuid.len()) };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMaxMigDeviceCount(_: Device, count: *mut c_uint) -> c_int {
    unsafe { *count = 2 };
    SUCCESS
}

/// The second of two places has a part.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMigDeviceHandleByIndex(
    device: Device,
    index: c_uint,
    part: *mut Device,
) -> c_int {
    if index != 1 {
        return NOT_FOUND;
    }
    unsafe { *part = (device as usize + 1_000) as Device };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUtilizationRates(
    device: Device,
    value: *mut Utilization,
) -> c_int {
    LOOKS[card_of(device) as usize % 128].fetch_add(1, Ordering::Relaxed);
    unsafe { *value = Utilization { card: card_of(device) + 10, memory: 99 } };
    asked(device, "utilization")
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMemoryInfo(device: Device, value: *mut Memory) -> c_int {
    let used = u64::from(card_of(device)) << 30;
    unsafe { *value = Memory { total: 80 << 30, free: 0, used } };
    asked(device, "memory")
}

#[cfg(not(without_power))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPowerUsage(device: Device, value: *mut c_uint) -> c_int {
    let code = asked(device, "power");
    if number("STAND_IN_NO_POWER") == Some(card_of(device)) {
        return NOT_SUPPORTED;
    }
    unsafe { *value = 250_500 };
    code
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTemperature(
    device: Device,
    sensor: c_uint,
    value: *mut c_uint,
) -> c_int {
    assert_eq!(sensor, 0);
    unsafe { *value = 61 };
    asked(device, "temperature")
}

/// The first is idle, the second too hot, the others at the limit of their power.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCurrentClocksThrottleReasons(
    device: Device,
    value: *mut c_ulonglong,
) -> c_int {
    unsafe {
        *value = match card_of(device) {
            0 => 0x1,
            1 => 0x40,
            _ => 0x4,
        }
    };
    asked(device, "throttled")
}
