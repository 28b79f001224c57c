//! The program `sanad-desk`.

fn main() {}
