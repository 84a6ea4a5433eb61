fn main() {
    let run = tracker_core::init("mnist").start().unwrap();
    run.log(3_i32);
}
