//! What cannot be logged does not compile, and the compiler says what to write.

#[test]
fn values_without_a_name_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
