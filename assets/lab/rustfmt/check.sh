# class: build-failure
# tool: rustfmt
# ecosystem: rust
# step: Format
# needs: apt:gcc
# proof: Diff in /home/runner/work
mkdir src
printf '[package]\nname = "queue"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
cat >src/lib.rs <<'END'
pub fn clamp(value: i32, low: i32, high: i32) -> i32 {
  if value < low { low } else if value > high { high } else { value }
}
END
#%% step
cargo fmt --all -- --check
