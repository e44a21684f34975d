# class: test-failure
# tool: cargo-test
# ecosystem: rust
# step: Test
# needs: apt:gcc
# proof: assertion `left == right` failed: half a cent goes up
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "tariff"
version = "0.3.0"
edition = "2021"
END
cat >src/lib.rs <<'END'
//! Prices of energy.

/// Hundredths of a cent to cents.
pub fn cents(fine: i64) -> i64 {
    fine / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_cents_stay() {
        assert_eq!(cents(1200), 12);
    }

    #[test]
    fn halves_are_rounded() {
        assert_eq!(cents(1250), 13, "half a cent goes up");
    }
}
END
#%% step
cargo test
