fn main() {
    let run = tracker_core::init("mnist").start().unwrap();
    run.log("loss");
}
