# class: network-error
# tool: cargo
# ecosystem: rust
# step: Fetch crates
# needs: apt:cargo
# proof: spurious network error
# proof: Failed to connect to 127.0.0.1 port 18174
mkdir -p src .cargo
printf '[registries.fleet]\nindex = "sparse+http://127.0.0.1:18174/index/"\n\n[net]\nretry = 1\n' >.cargo/config.toml
cat >Cargo.toml <<'END'
[package]
name = "berth-cli"
version = "0.3.0"
edition = "2021"

[dependencies]
telemetry-frame = { version = "0.7", registry = "fleet" }
END
echo 'fn main() {}' >src/main.rs
#%% step
cargo fetch
