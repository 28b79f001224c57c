#![allow(clippy::all, clippy::print_stdout)]
use sanad_front::sobol::Design;
use sanad_front::treat::Winsorising;
use sanad_front::*;
fn h(acc: &mut u64, x: u64) {
    *acc = (*acc ^ x).wrapping_mul(0x100000001b3).rotate_left(17);
}
fn hf(acc: &mut u64, x: Option<f64>) {
    h(acc, x.map_or(7, f64::to_bits))
}
fn main() {
    let (places, months) = (23, 31);
    for variant in 0..6usize {
        let n = 9usize;
        let mut panel = Panel::new(places, months, n);
        for i in 0..n {
            for p in 0..places {
                for m in 0..months {
                    let code = p * 7919 + m * 10473 + i * 12997 + p * m * i * 31 + variant * 77;
                    if code % 3 == 0 || (i == 8 && m % 12 != 0) {
                        continue;
                    }
                    let mut v = (code % 1009) as f64 / 7.0 + i as f64 * 3.0;
                    if code % 101 == 7 {
                        v *= 30.0;
                    }
                    if variant == 5 && i == 3 {
                        v = 2.0;
                    }
                    panel.set(p, m, i, v).unwrap();
                    if variant > 0 {
                        match i {
                            0 | 1 => {
                                panel.set_standard_error(p, m, i, 2.0 + (code % 5) as f64).unwrap()
                            }
                            2 => panel.set_bounds(p, m, i, v * 0.9, v * 1.3).unwrap(),
                            4 if code % 2 == 0 => panel.set_standard_error(p, m, i, 1.0).unwrap(),
                            _ => {}
                        }
                    }
                }
            }
        }
        let age = |i: usize| if variant == 1 { 0 } else { [0, 2, 6, 0, 12, 3, 1, 0, 14][i] };
        let mut b = Framework::builder()
            .front("f", 1.0)
            .front("g", 3.0)
            .pillar("p", "f", 1.0)
            .pillar("q", "g", 2.0)
            .pillar("r", "g", 1.0);
        for i in 0..n {
            let mut x = Indicator::new(format!("i{i}"), ["p", "q", "r"][i / 3])
                .weight(if variant == 4 && i == 4 { 0.0 } else { 1.0 + (i % 3) as f64 })
                .max_age_months(age(i))
                .direction(if i % 4 == 1 { Direction::Negative } else { Direction::Positive })
                .release_lag_months(if variant >= 3 && i % 2 == 0 && age(i) >= 2 { 2 } else { 0 })
                .poisson(variant == 2 && i == 5)
                .shared(variant == 3 && i == 1);
            if i == 6 {
                x = x.transform(Transform::Log1p);
            }
            if i % 2 == 0 {
                x = x.goalposts(0.0, 150.0);
            }
            if i == 7 {
                x = x.target(120.0);
            }
            b = b.indicator(x);
        }
        let framework = b.build().unwrap();
        for norm in [
            Normalisation::MinMax,
            Normalisation::ZScore { points_per_sd: 15.0 },
            Normalisation::Rank,
            Normalisation::DistanceToTarget,
        ] {
            for imp in
                [Imputation::None, Imputation::LastValue, Imputation::ExpectationMaximisation]
            {
                for weighting in [
                    Weighting::Given,
                    Weighting::Equal,
                    Weighting::PrincipalComponents,
                    Weighting::BenefitOfTheDoubt,
                ] {
                    for aggregation in
                        [Aggregation::Arithmetic, Aggregation::Geometric, Aggregation::Outranking]
                    {
                        for treatment in
                            [Treatment::None, Treatment::Winsorise(Winsorising::default())]
                        {
                            for (reference, floor) in [(None, 0.5), (Some(3..20), 0.3)] {
                                let method = Method {
                                    treatment,
                                    imputation: imp,
                                    normalisation: norm,
                                    weighting,
                                    aggregation,
                                    evidence_floor: floor,
                                    reference_months: reference.clone(),
                                    correct_scale_for_errors: floor < 0.4,
                                };
                                let tag = format!(
                                    "{variant} {norm:?} {imp:?} {weighting:?} {aggregation:?} {} {floor}",
                                    treatment == Treatment::None
                                );
                                let ix = match index(&panel, &framework, &method) {
                                    Ok(ix) => ix,
                                    Err(e) => {
                                        println!("{tag} {e}");
                                        continue;
                                    }
                                };
                                let mut a = 1u64;
                                for node in framework.nodes() {
                                    for p in 0..places {
                                        for m in 0..months {
                                            hf(&mut a, ix.value(node, p, m));
                                            hf(&mut a, Some(ix.evidence_share(node, p, m)));
                                            hf(&mut a, Some(ix.fresh_share(node, p, m)));
                                            if m % 5 == 0 {
                                                for c in ix.contributions(node, p, m) {
                                                    h(&mut a, c.indicator as u64);
                                                    hf(&mut a, Some(c.amount));
                                                    hf(&mut a, Some(c.weight));
                                                    hf(&mut a, Some(c.score));
                                                }
                                                for c in ix.change(node, p, 0, m) {
                                                    hf(&mut a, Some(c.by_score));
                                                    hf(&mut a, Some(c.by_coverage));
                                                }
                                            }
                                        }
                                    }
                                }
                                for i in 0..n {
                                    for p in 0..places {
                                        for m in 0..months {
                                            hf(&mut a, ix.score(p, m, i));
                                            h(
                                                &mut a,
                                                match ix.origin(p, m, i) {
                                                    Origin::Missing => 1,
                                                    Origin::Observed => 2,
                                                    Origin::Imputed => 3,
                                                    Origin::Carried { age_months } => {
                                                        10 + u64::from(age_months)
                                                    }
                                                },
                                            );
                                        }
                                    }
                                }
                                println!("{tag} {a:016x}");
                            }
                        }
                    }
                }
            }
        }
        let alternatives = Alternatives {
            treatments: vec![Treatment::None, Treatment::Winsorise(Winsorising::default())],
            imputations: vec![Imputation::LastValue, Imputation::ExpectationMaximisation],
            normalisations: vec![
                Normalisation::ZScore { points_per_sd: 15.0 },
                Normalisation::Rank,
                Normalisation::MinMax,
            ],
            weightings: if variant == 5 {
                vec![Weighting::Given]
            } else {
                vec![Weighting::Given, Weighting::PrincipalComponents, Weighting::BenefitOfTheDoubt]
            },
            aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
            weight_spread: if variant % 2 == 0 { 0.3 } else { 0.0 },
        };
        let u = Uncertainty {
            draws: 300,
            alternatives: alternatives.clone(),
            noisy_ends: NoisyEnds::Flag,
            ..Uncertainty::default()
        };
        for u in [u.clone(), Uncertainty { alternatives: Alternatives::default(), ..u }] {
            let found = match intervals(&panel, &framework, &Method::default(), &u) {
                Ok(x) => x,
                Err(e) => {
                    println!("{e}");
                    continue;
                }
            };
            let mut a = 1u64;
            for node in framework.nodes() {
                for p in 0..places {
                    for m in 0..months {
                        if let Some(i) = found.interval(node, p, m) {
                            hf(&mut a, Some(i.low));
                            hf(&mut a, Some(i.median));
                            hf(&mut a, Some(i.high));
                        }
                    }
                }
            }
            println!("{variant} intervals {a:016x} {:?}", found.with_noisy_ends());
        }
        let mut alternatives = alternatives;
        alternatives.aggregations.push(Aggregation::Outranking);
        for node in [Node::Overall, Node::Front(1), Node::Pillar(1)] {
            for by in [false, true] {
                let q = Question {
                    node,
                    month: 24,
                    alternatives: alternatives.clone(),
                    errors_by_pillar: by,
                    design: Design { points: 64, seed: 3 },
                };
                let s = match sensitivity(&panel, &framework, &Method::default(), &q) {
                    Ok(s) => s,
                    Err(e) => {
                        println!("{e}");
                        continue;
                    }
                };
                let mut a = 1u64;
                for f in 0..s.factors().len() {
                    for p in 0..places {
                        for w in [Quantity::Value, Quantity::Rank] {
                            hf(&mut a, s.total(f, p, w));
                            hf(&mut a, s.first_order(f, p, w));
                        }
                    }
                }
                println!("{variant} sensitivity {a:016x} {:?}", s.factors());
            }
        }
    }
}
