# class: resource-exhaustion
# tool: rust-alloc
# ecosystem: rust
# step: Generate lookup table
# needs: apt:gcc
# proof: memory allocation of
printf 'fn main() {\n    let mut tables: Vec<Vec<u64>> = Vec::new();\n    for step in 1..=64 {\n        println!("step {step}");\n        tables.push(vec![step; 8 << 20]);\n    }\n    println!("{}", tables.len());\n}\n' >table.rs
rustc -O -o table table.rs
#%% step
ulimit -v 500000
./table
