# class: build-failure
# tool: cargo
# ecosystem: rust
# step: Build
# needs: apt:gcc
# proof: error[E0308]: mismatched types
mkdir src
printf '[package]\nname = "tide"\nversion = "0.2.0"\nedition = "2021"\n' >Cargo.toml
cat >src/main.rs <<'END'
use std::collections::HashMap;

fn heights(lines: &str) -> HashMap<String, f64> {
    lines
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(port, height)| (port.to_owned(), height.parse().unwrap_or(0.0)))
        .collect()
}

fn highest(of: &HashMap<String, f64>) -> f64 {
    of.values().copied().reduce(f64::max)
}

fn main() {
    println!("{}", highest(&heights("Brest 5.1\nCuxhaven 3.4")));
}
END
cargo generate-lockfile --offline
#%% step
cargo build --release --locked
