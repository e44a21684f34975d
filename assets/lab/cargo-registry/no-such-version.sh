# class: dependency-error
# tool: cargo
# ecosystem: rust
# step: Build
# needs: apt:cargo
# proof: failed to select a version for the requirement `itoa = "^1.99"`
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "packet-tap"
version = "0.2.0"
edition = "2021"

[dependencies]
itoa = "1.99"
END
echo 'fn main() { println!("{}", itoa::Buffer::new().format(7)); }' >src/main.rs
#%% step
cargo build --release
