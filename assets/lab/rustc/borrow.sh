# class: build-failure
# tool: rustc
# ecosystem: rust
# step: Build tools
# needs: apt:gcc
# proof: error[E0502]: cannot borrow `readings` as mutable because it is also borrowed as immutable
cat >smooth.rs <<'END'
fn main() {
    let mut readings = vec![3.0, 4.5, 9.0];
    let first = &readings[0];
    readings.push(*first * 2.0);
    println!("{first} {readings:?}");
}
END
#%% step
rustc --edition 2021 -O smooth.rs
