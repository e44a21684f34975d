# class: timeout
# tool: cargo-test
# ecosystem: rust
# step: Test
# needs: apt:gcc apt:coreutils
# proof: timeout: sending signal TERM to command
mkdir src
printf '[package]\nname = "barrier"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
cat >src/lib.rs <<'END'
//! Waiting for others.

#[test]
fn all_arrive() {
    let (arrived, arrivals) = std::sync::mpsc::channel::<u32>();
    let _late = arrived.clone();
    drop(arrived);
    assert_eq!(arrivals.iter().count(), 0);
}

#[test]
fn nobody_waits_alone() {}
END
cargo test --no-run
#%% step
timeout --verbose 75 cargo test
