# class: dependency-error
# tool: cargo
# ecosystem: rust
# step: cargo build
# needs: apt:cargo
# proof: was passed to prevent this
mkdir -p src vendor/ring-buffer/src
cat >Cargo.toml <<'END'
[package]
name = "log-shipper"
version = "1.3.0"
edition = "2021"

[dependencies]
ring-buffer = { path = "vendor/ring-buffer" }
END
printf '[package]\nname = "ring-buffer"\nversion = "0.5.1"\nedition = "2021"\n' >vendor/ring-buffer/Cargo.toml
: >vendor/ring-buffer/src/lib.rs
echo 'fn main() {}' >src/main.rs
cargo generate-lockfile --offline
sed -i 's/0.5.1/0.6.0/' vendor/ring-buffer/Cargo.toml
#%% step
cargo build --locked
