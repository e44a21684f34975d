//! To come.
/// To come.
pub fn mask(_bytes: &mut [u8]) {}
