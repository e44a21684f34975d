# class: test-failure
# tool: cargo-test
# ecosystem: rust
# step: Test
# needs: apt:gcc
# proof: has overflowed its stack
mkdir src
printf '[package]\nname = "menu"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
cat >src/lib.rs <<'END'
//! Menus of menus.

/// How deep a menu is below another.
pub fn depth(of: u64, parents: &[u64]) -> u64 {
    1 + depth(parents[of as usize], parents)
}

#[test]
fn a_menu_below_the_root_has_depth_one() {
    assert_eq!(depth(1, &[0, 0]), 1);
}
END
#%% step
cargo test --lib
