//! Damaged input: an answer or an error, never a panic, and bounded work.

use proptest::prelude::*;
use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};

const SEED: &str = include_str!("malformed/seed.xmile");

fn small() -> Limits {
    Limits {
        operations: 20_000,
        array_elements: 2_000,
        steps: 2_000,
        kept_values: 1 << 20,
        ..Limits::default()
    }
}

/// Everything that can be done with a file.
fn exercise(bytes: &[u8]) {
    let limits = small();
    let Ok(document) = read_xmile(bytes, &limits) else { return };
    let _ = document.check_units();
    let Ok(model) = Model::compile_with(&document, &limits, &Default::default()) else { return };
    let _ = model.causal_graph(50);
    let Ok(simulation) = model.simulation(&[], &RunSettings::default()) else { return };
    let _ = simulation.run(2, &Inputs::new());
}

#[test]
fn the_undamaged_seed_runs() {
    let document = read_xmile(SEED.as_bytes(), &small()).expect("readable");
    let model = Model::compile(&document).expect("a model");
    model
        .simulation(&[], &RunSettings::default())
        .expect("outputs")
        .run(2, &Inputs::new())
        .expect("a run");
    assert!(!model.causal_graph(50).expect("a graph").loops.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn files_with_bytes_changed_cut_or_repeated_do_not_panic(
        changes in prop::collection::vec((0..SEED.len(), any::<u8>(), 0..4_u8, 0..60_usize), 1..6)
    ) {
        let mut bytes = SEED.as_bytes().to_vec();
        for (place, byte, action, length) in changes {
            let place = place.min(bytes.len().saturating_sub(1));
            let end = (place + length).min(bytes.len());
            match action {
                0 => bytes[place] = byte,
                1 => { bytes.drain(place..end); }
                2 => { let part = bytes[place..end].to_vec(); bytes.splice(place..place, part); }
                _ => bytes.insert(place, b"0123456789()[]*,<>-+^'@:."[byte as usize % 25]),
            }
            if bytes.is_empty() { bytes.push(b'<'); }
        }
        exercise(&bytes);
    }

    #[test]
    fn equations_of_any_tokens_do_not_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "a", "b", "k", "m", "stock", "1", "2.5e3", ".5", "+", "-", "*", "/", "//", "^", "(", ")", "[", "]", ",",
            "IF", "THEN", "ELSE", "AND", "OR", "NOT", "MOD", "=", "<>", "<", "'", "@1", ":", "Place", "Kind.c",
            "SUM(", "DELAYN(", "SMTH3(", "DELAY(", "PREVIOUS(SELF,", "RANK(", "MAX(", "PULSE(", "NORMAL(", "INIT(",
            "GROW(", "curve(", "LOOKUP(curve,", "TIME", "{", "}", "\"", ".",
        ]), 1..24)
    ) {
        let equation = tokens.join(" ").replace('<', "&lt;");
        exercise(SEED.replace("10 + TIME", &equation).as_bytes());
    }
}
