# class: build-failure
# tool: clippy
# ecosystem: rust
# step: Clippy
# needs: apt:gcc
# proof: error: this loop could be written as a `for` loop
mkdir src
printf '[package]\nname = "queue"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
cat >src/lib.rs <<'END'
//! Adds up sizes.

/// Sum of all sizes.
pub fn total(sizes: &[u64]) -> u64 {
    let mut sum = 0;
    let mut rest = sizes.iter();
    while let Some(size) = rest.next() {
        sum += size;
    }
    return sum;
}
END
#%% step
cargo clippy --all-targets -- -D warnings
