//! The corpus is compiled in as a folder, whose files the compiler does not watch: this does.

fn main() {
    println!("cargo::rerun-if-changed=assets/corpus");
}
