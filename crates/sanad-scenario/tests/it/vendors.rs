//! Functions of other programs: their own order of arguments, and values in closed form.

use sanad_scenario::{Inputs, Limits, Method, Model, RunSettings, read_xmile};

use crate::{assert_near, compile, file, of, path, run, variables};

fn aux(equation: &str) -> Vec<f64> {
    path(0.0, 5.0, 1.0, &format!(r#"<aux name="x"><eqn>{equation}</eqn></aux>"#), "x")
}

fn refusal(equation: &str) -> String {
    let text =
        file(0.0, 1.0, 1.0, &variables(&format!(r#"<aux name="x"><eqn>{equation}</eqn></aux>"#)));
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    Model::compile(&document).expect_err("a fault").to_string()
}

fn paths(body: &str, dt: f64, names: [&str; 2]) -> [Vec<f64>; 2] {
    let results = run(&compile(&file(0.0, 12.0, dt, &variables(body))), Method::Euler);
    names.map(|name| of(&results, name))
}

#[test]
fn delays_and_smooths_of_order_n_take_initial_and_order_in_their_programs_order() {
    for (vensim, xmile) in [("DELAY_N", "DELAYN"), ("SMOOTH_N", "SMTHN")] {
        for (initial, order) in [(2, 1), (7, 3), (0, 2)] {
            let body = format!(
                r#"<aux name="in"><eqn>10 + STEP(10, 1)</eqn></aux>
                <aux name="v"><eqn>{vensim}(in, 4, {initial}, {order})</eqn></aux>
                <aux name="x"><eqn>{xmile}(in, 4, {order}, {initial})</eqn></aux>"#
            );
            let [v, x] = paths(&body, 0.25, ["v", "x"]);
            assert_eq!(v, x, "{vensim}");
            assert_near(&v[..1], &[f64::from(initial)], 1e-12);
        }
    }
}

#[test]
fn vensims_functions_with_an_initial_value_agree_with_xmiles() {
    for (vensim, xmile) in [
        ("SMOOTHI(in, 3, 7)", "SMTH1(in, 3, 7)"),
        ("SMOOTH3I(in, 3, 7)", "SMTH3(in, 3, 7)"),
        ("DELAY1I(in, 3, 7)", "DELAY1(in, 3, 7)"),
        ("DELAY3I(in, 3, 7)", "DELAY3(in, 3, 7)"),
        ("DELAY_FIXED(in, 3, 7)", "DELAY(in, 3, 7)"),
        ("FORECAST(in, 3, 5)", "FORCST(in, 3, 5)"),
        ("vensim.DELAY_N(in, 3, 7, 2)", "DELAYN(in, 3, 2, 7)"),
    ] {
        let body = format!(
            r#"<aux name="in"><eqn>10 + RAMP(2, 1)</eqn></aux><aux name="v"><eqn>{vensim}</eqn></aux>
            <aux name="x"><eqn>{xmile}</eqn></aux>"#
        );
        let [v, x] = paths(&body, 0.25, ["v", "x"]);
        assert_eq!(v, x, "{vensim}");
    }
}

#[test]
fn a_forecast_below_zero_goes_on_in_the_direction_of_its_input() {
    // In the steady state of a ramp the average lags by slope · time, so that the growth is
    // slope/average and the forecast x + x · slope/average · horizon.
    let body = r#"<aux name="in"><eqn>-10 - TIME</eqn></aux><aux name="f"><eqn>FORCST(in, 2, 3)</eqn></aux>
        <aux name="g"><eqn>-FORCST(-in, 2, 3)</eqn></aux>"#;
    let [f, g] = paths(body, 0.25, ["f", "g"]);
    assert_near(&f, &g, 1e-12);
    let last = f.len() - 1;
    let (x, average) = (-22.0, -20.0);
    assert!((f[last] - (x - x / average * 3.0)).abs() < 0.05, "{}", f[last]);
}

#[test]
fn the_remainder_of_vensims_modulo_follows_the_dividend() {
    assert_eq!(
        [aux("MODULO(9, 5)")[0], aux("MODULO(-7, 3)")[0], aux("MODULO(7, -3)")[0]],
        [4.0, -1.0, 1.0]
    );
    assert_eq!([aux("-7 MOD 3")[0], aux("7 MOD -3")[0]], [2.0, -2.0]);
    assert_near(&[aux("MODULO(76.5, 70)")[0], aux("MODULO(8.3, 7.3)")[0]], &[6.5, 1.0], 1e-12);
}

#[test]
fn quantum_leaves_a_value_alone_where_the_quantum_is_not_positive() {
    for (equation, expected) in [
        ("QUANTUM(1.9, 1)", 1.0),
        ("QUANTUM(-1.9, 1)", -1.0),
        ("QUANTUM(50, 12)", 48.0),
        ("QUANTUM(3.7, 0)", 3.7),
        ("QUANTUM(3.7, -2)", 3.7),
    ] {
        assert_eq!(aux(equation)[0], expected, "{equation}");
    }
}

#[test]
fn lookup_extrapolate_goes_on_where_lookup_stays() {
    let body = r#"<gf name="curve"><xscale min="0" max="2"/><ypts>0,1,4</ypts></gf>
        <aux name="e"><eqn>LOOKUP_EXTRAPOLATE(curve, TIME)</eqn></aux><aux name="l"><eqn>LOOKUP(curve, TIME)</eqn></aux>"#;
    assert_eq!(path(0.0, 4.0, 1.0, body, "e"), [0.0, 1.0, 4.0, 7.0, 10.0]);
    assert_eq!(path(0.0, 4.0, 1.0, body, "l"), [0.0, 1.0, 4.0, 4.0, 4.0]);
}

fn inverse(gf: &str, y: &str) -> f64 {
    let body = format!(
        r#"<gf name="g" {gf}</gf><aux name="x"><eqn>LOOKUPINV(g, {y} + 0 * TIME)</eqn></aux>"#
    );
    path(0.0, 1.0, 1.0, &body, "x")[0]
}

#[test]
fn lookupinv_finds_the_first_x_of_a_value() {
    let up = r#"><xpts>0,1,2,3</xpts><ypts>0,5,5,9</ypts>"#;
    for (y, x) in [("2.5", 0.5), ("5", 1.0), ("7", 2.5), ("-1", 0.0), ("99", 3.0)] {
        assert_eq!(inverse(up, y), x, "{y}");
    }
    let down = r#"><xpts>0,2,4</xpts><ypts>8,4,0</ypts>"#;
    for (y, x) in [("6", 1.0), ("4", 2.0), ("9", 0.0), ("-9", 4.0)] {
        assert_eq!(inverse(down, y), x, "{y}");
    }
    // Up to 4, down to −2, up to 10: each value where it is reached first.
    let both = r#"><xpts>0,2,5,9</xpts><ypts>0,4,-2,10</ypts>"#;
    for (y, x) in [("2", 1.0), ("4", 2.0), ("7", 8.0), ("-1", 4.5), ("-2", 5.0), ("0", 0.0)] {
        assert_eq!(inverse(both, y), x, "{y}");
    }
    let on = r#"type="extrapolate"><xpts>0,1</xpts><ypts>0,2</ypts>"#;
    assert_eq!([inverse(on, "6"), inverse(on, "-2")], [3.0, -1.0]);
    assert_eq!(inverse(r#"><xpts>1,2</xpts><ypts>3,3</ypts>"#, "7"), 1.0);
    let body = r#"<gf name="g" type="discrete"><xpts>0,1</xpts><ypts>0,2</ypts></gf><aux name="x"><eqn>LOOKUPINV(g, 1)</eqn></aux>"#;
    let text = file(0.0, 1.0, 1.0, &variables(body));
    let document = read_xmile(text.as_bytes(), &Limits::default()).expect("readable");
    assert!(Model::compile(&document).expect_err("a fault").to_string().contains("LOOKUPINV"));
}

#[test]
fn derivatives_are_exact_for_polynomials_of_their_order() {
    assert_eq!(aux("DERIVN(3 * TIME + 2, 1)"), [0.0, 3.0, 3.0, 3.0, 3.0, 3.0]);
    assert_eq!(aux("DERIVN(TIME^2, 1)"), [0.0, 1.0, 3.0, 5.0, 7.0, 9.0]);
    assert_eq!(aux("DERIVN(TIME^2, 2)"), [0.0, 0.0, 2.0, 2.0, 2.0, 2.0]);
    assert_eq!(aux("DERIVN(TIME^3, 3)"), [0.0, 0.0, 0.0, 6.0, 6.0, 6.0]);
    let fine = path(0.0, 3.0, 0.001, r#"<aux name="x"><eqn>DERIVN(SIN(TIME), 1)</eqn></aux>"#, "x");
    assert!((fine[2000] - 2.0_f64.cos()).abs() < 1e-3);
}

#[test]
fn payments_present_and_future_values_solve_one_equation() {
    assert_near(&[aux("PMT(0.01, 36, 10000, 0)")[0]], &[-332.143_1], 1e-6);
    assert_eq!(aux("PMT(0, 10, 1000, 0)")[0], -100.0);
    assert_near(&[aux("PV(0.05, 8, PMT(0.05, 8, 700, 90), 90)")[0]], &[700.0], 1e-12);
    assert_near(&[aux("FV(0.05, 8, PMT(0.05, 8, 700, 90), 700)")[0]], &[90.0], 1e-12);
}

#[test]
fn a_net_present_value_is_the_sum_of_discounted_inputs() {
    let stella = aux("NPV(100, 0.1)");
    let sums: Vec<f64> =
        (0..6).map(|years| (0..years).map(|year| 100.0 / 1.1_f64.powi(year)).sum()).collect();
    assert_near(&stella, &sums, 1e-12);
    assert_eq!(aux("NPV(100, 0.1, 7)")[0], 7.0);
    // Vensim counts the present step whole and discounts by 1/(1 + rate · dt).
    let vensim = aux("NPV(100, 0.1, 0, 2)");
    let sums: Vec<f64> = (0..6)
        .map(|years| 2.0 * (0..=years).map(|year| 100.0 / 1.1_f64.powi(year)).sum::<f64>())
        .collect();
    assert_near(&vensim, &sums, 1e-12);
}

#[test]
fn the_value_at_the_end_of_the_run_before_is_the_one_for_a_first_run() {
    assert_eq!(aux("ENDVAL(TIME + 3, 8)"), [8.0; 6]);
    assert_eq!(aux("ENDVAL(TIME + 3)"), [3.0; 6]);
    assert_eq!(aux("ENDVAL(SELF, -1) + 1"), [0.0; 6]);
}

#[test]
fn a_ramp_without_a_time_begins_with_the_run() {
    assert_eq!(aux("RAMP(2)"), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    assert_eq!(
        path(3.0, 5.0, 1.0, r#"<aux name="x"><eqn>RAMP(2)</eqn></aux>"#, "x"),
        [0.0, 2.0, 4.0]
    );
    assert_eq!(aux("RAMP(2, 1, 3)"), [0.0, 0.0, 2.0, 4.0, 4.0, 4.0]);
}

#[test]
fn a_mean_of_several_is_the_mean_of_all_their_elements() {
    assert_eq!(aux("MEAN(1, 2, 3, TIME)"), [1.5, 1.75, 2.0, 2.25, 2.5, 2.75]);
    let body = r#"<dimensions><dim name="D" size="3"/></dimensions><model><variables>
        <aux name="v"><dimensions><dim name="D"/></dimensions><eqn>1, 2, 6</eqn></aux>
        <aux name="own"><dimensions><dim name="D"/></dimensions><eqn>MEAN(v, 4)</eqn></aux>
        <aux name="all"><eqn>MEAN(v[*], 7)</eqn></aux><aux name="one"><eqn>MEAN(v)</eqn></aux></variables></model>"#;
    let results = run(&compile(&file(0.0, 1.0, 1.0, body)), Method::Euler);
    assert_eq!(of(&results, "all")[0], 4.0);
    assert_eq!(of(&results, "one")[0], 3.0);
    assert_eq!(of(&results, "own[3]")[0], 5.0);
}

/// Values of one call over many steps.
fn draws(equation: &str) -> Vec<f64> {
    path(0.0, 20_000.0, 1.0, &format!(r#"<aux name="x"><eqn>{equation}</eqn></aux>"#), "x")
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64)
}

#[test]
fn triangular_draws_have_the_moments_of_their_distribution() {
    for equation in ["TRIANGULAR(1, 2, 6)", "RANDOM_TRIANGULAR(0, 99, 1, 2, 6, 0)"] {
        let values = draws(equation);
        let (mean, variance) = mean_and_variance(&values);
        // Mean (a + m + b)/3, variance (a² + m² + b² − am − ab − mb)/18.
        assert!((mean - 3.0).abs() < 0.03, "{equation}: {mean}");
        assert!(
            (variance - (1.0 + 4.0 + 36.0 - 2.0 - 6.0 - 12.0) / 18.0).abs() < 0.04,
            "{variance}"
        );
        assert!(values.iter().all(|&x| (1.0..=6.0).contains(&x)));
    }
    assert!(aux("TRIANGULAR(3, 2, 1)")[0].is_nan());
    assert_eq!(aux("TRIANGULAR(2, 2, 2)")[0], 2.0);
}

#[test]
fn a_bounded_normal_is_cut_off_and_not_piled_up_at_its_bounds() {
    // A normal cut off one deviation from its mean has the variance 1 − 2φ(1)/(2Φ(1) − 1).
    for equation in ["NORMAL(5, 1, NAN, 4, 6)", "RANDOM_NORMAL(4, 6, 5, 1, 0)"] {
        let values = draws(equation);
        let (mean, variance) = mean_and_variance(&values);
        assert!((mean - 5.0).abs() < 0.02, "{equation}: {mean}");
        assert!((variance - 0.291_1).abs() < 0.01, "{equation}: {variance}");
        assert!(values.iter().all(|&x| x > 4.0 && x < 6.0), "{equation}");
    }
    assert!(draws("NORMAL(0, 1, NAN, 0)").iter().all(|&x| x >= 0.0));
    assert!(draws("NORMAL(0, 1, NAN, NAN, 0)").iter().all(|&x| x <= 0.0));
    assert_eq!(aux("NORMAL(0, 1, NAN, 500, 600)")[0], 500.0);
}

#[test]
fn vensims_stream_zero_is_no_seed() {
    let model = |equation: &str| {
        compile(&file(
            0.0,
            1.0,
            1.0,
            &variables(&format!(r#"<aux name="x"><eqn>{equation}</eqn></aux>"#)),
        ))
    };
    let two = |equation: &str| {
        let model = model(equation);
        let simulation = model.simulation(&["x"], &RunSettings::default()).expect("outputs");
        let results = simulation.run(2, &Inputs::new()).expect("a run");
        [results.value(0, 0, 0), results.value(1, 0, 0)]
    };
    for equation in [
        "RANDOM_UNIFORM(0, 1, 0)",
        "RANDOM_NORMAL(-9, 9, 0, 1, 0)",
        "RANDOM_0_1()",
        "NORMAL(0, 1, NAN)",
    ] {
        let [a, b] = two(equation);
        assert_ne!(a, b, "{equation}");
    }
    let [a, b] = two("RANDOM_UNIFORM(0, 1, 4)");
    assert_eq!(a, b);
}

#[test]
fn functions_that_are_not_simulated_are_named() {
    for call in [
        "ALLOCATE(1, 2, 3, 4)",
        "LOOKUPMEAN(1)",
        "HISTORY(1, 2)",
        "ALLOCATE_BY_PRIORITY(1, 2, 3, 4, 5)",
        "RANDOM_POISSON(0, 9, 2, 0, 1, 0)",
    ] {
        let name = call.split('(').next().expect("a name");
        let said = refusal(call);
        assert!(said.contains(&format!("{name} is a function of other programs")), "{said}");
    }
}

fn said(body: &str, header: &str, dt: f64) -> Vec<String> {
    let text = file(0.0, 8.0, dt, &format!("{header}{}", variables(body)));
    let model = compile(&text);
    let found =
        model.numerical_problems(1, &Inputs::new(), &RunSettings::default()).expect("diagnostics");
    assert!(found.iter().all(sanad_scenario::Problem::is_numerical));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn delays_that_the_step_cannot_follow_are_named() {
    for (equation, part) in [
        ("DELAY3(TIME, 0.5)", "3 stages of 0.16"),
        ("DELAYN(TIME, 3, 6)", "6 stages of 0.5"),
        ("DELAY_N(TIME, 3, 0, 6)", "DELAY_N takes a time of 3"),
        ("SMTH1(TIME, 0.25)", "SMTH1 takes a time of 0.25"),
        ("SMTH3(TIME, 2.9)", "SMTH3 takes a time of 2.9"),
        ("TREND(TIME, 0.5)", "TREND takes a time of 0.5"),
        ("FORCST(TIME, 0.5, 3)", "FORCST takes a time of 0.5"),
        ("DELAY(TIME, 0.5)", "DELAY looks back 0.5"),
        ("DELAY1(TIME, 3 - TIME)", "takes a time of -5"),
    ] {
        let found = said(&format!(r#"<aux name="d"><eqn>{equation}</eqn></aux>"#), "", 1.0);
        assert_eq!(found.len(), 1, "{equation}: {found:?}");
        assert!(found[0].starts_with("d: ") && found[0].contains(part), "{equation}: {found:?}");
    }
    for equation in
        ["DELAY3(TIME, 3)", "SMTH1(TIME, 1)", "DELAY(TIME, 1)", "DELAY1(TIME, 9 - TIME)"]
    {
        let found = said(&format!(r#"<aux name="d"><eqn>{equation}</eqn></aux>"#), "", 1.0);
        assert!(found.is_empty(), "{equation}: {found:?}");
    }
}

#[test]
fn a_time_that_a_run_sets_is_compared_with_the_step() {
    let body =
        r#"<aux name="tau"><eqn>6</eqn></aux><aux name="d"><eqn>DELAY3(TIME, tau)</eqn></aux>"#;
    let model = compile(&file(0.0, 8.0, 1.0, &variables(body)));
    let found = |inputs: &Inputs, members| {
        model
            .numerical_problems(members, inputs, &RunSettings::default())
            .expect("diagnostics")
            .len()
    };
    assert_eq!(found(&Inputs::new(), 1), 0);
    assert_eq!(found(&Inputs::new().set("tau", 2.0), 1), 1);
    assert_eq!(found(&Inputs::new().set_each("tau", vec![9.0, 2.0]), 2), 1);
}

#[test]
fn elements_of_an_array_are_one_diagnostic() {
    let body = r#"<dimensions><dim name="D" size="3"/></dimensions><model><variables>
        <aux name="x"><dimensions><dim name="D"/></dimensions><eqn>SMTH1(TIME, D / 8)</eqn></aux></variables></model>"#;
    let model = compile(&file(0.0, 4.0, 1.0, body));
    let found =
        model.numerical_problems(1, &Inputs::new(), &RunSettings::default()).expect("diagnostics");
    assert_eq!(found.len(), 1);
    let said = found[0].to_string();
    assert!(said.starts_with("x[1]: SMTH1 takes a time of 0.125"), "{said}");
}

#[test]
fn other_numbers_that_may_not_be_meant_are_named() {
    let belt = r#"<stock name="s"><eqn>1</eqn><outflow>o</outflow><conveyor><len>0.5</len></conveyor></stock><flow name="o"/>"#;
    assert!(said(belt, "", 1.0)[0].contains("transit time is 0.5"));
    let comma = r#"<aux name="x"><eqn>MAX(0,05 * TIME, 1)</eqn></aux>"#;
    assert!(said(comma, "", 1.0)[0].contains("0,05 is read as two values"));
    for fine in ["MAX(0,5)", "MAX(1, 05)", "MAX(TIME,05)", "1 {0,05}"] {
        let found = said(&format!(r#"<aux name="x"><eqn>{fine}</eqn></aux>"#), "", 1.0);
        assert!(found.is_empty(), "{fine}: {found:?}");
    }
    let uneven = said(r#"<aux name="x"><eqn>1</eqn></aux>"#, "", 0.3);
    assert!(uneven[0].contains("the run ends at 7.8"), "{uneven:?}");
    let vensim = r#"<header><vendor>Ventana Systems, Inc.</vendor><product lang="en">Vensim</product></header>"#;
    let pulse = r#"<aux name="x"><eqn>PULSE(3, 2)</eqn></aux>"#;
    assert!(said(pulse, vensim, 1.0)[0].contains("Vensim's takes a start and a width"));
    assert!(said(pulse, "", 1.0).is_empty());
}

#[test]
fn a_method_that_is_not_known_is_noted() {
    let text = file(0.0, 1.0, 1.0, &variables(r#"<aux name="x"><eqn>1</eqn></aux>"#));
    let notes = |method: &str| {
        let text = text.replace("<sim_specs", &format!("<sim_specs method=\"{method}\""));
        read_xmile(text.as_bytes(), &Limits::default()).expect("readable").notes
    };
    assert!(notes("RK45, RK4")[0].contains("fourth-order"));
    assert!(notes("Gear")[0].contains("fourth-order"));
    assert!(notes("Adams")[0].contains("Euler"));
    assert!(notes("rk4").is_empty() && notes("Euler").is_empty() && notes("").is_empty());
}

#[test]
fn a_file_of_another_program_is_told_what_it_is_and_what_to_do() {
    let message = |bytes: &[u8]| {
        let fault = read_xmile(bytes, &Limits::default()).expect_err("not XMILE");
        assert!(fault.is_file());
        fault.to_string()
    };
    let mdl = "{UTF-8}\nBirths=\n\tPeople*rate\n\t~\tPeople/Year\n\t~\t\t|\n\\\\\\---/// Sketch information\n";
    for text in [mdl, &mdl[8..], "\u{feff}{UTF-8}\n", "a = b ~ unit ~ comment |"] {
        let said = message(text.as_bytes());
        assert!(said.contains("Vensim model (.mdl)") && said.contains("export it"), "{said}");
    }
    for (bytes, part) in [
        (&b"PK\x03\x04rest"[..], "a zip archive"),
        (b"\x1f\x8brest", "a compressed file"),
        (b"\xff\xfe<\0x\0", "UTF-16"),
        (b"STEL\0\x01\x02", "(.stm, .itm)"),
        (b"{ \"models\": [] }", "JSON"),
        (b"[{\"name\": 1}]", "JSON"),
        (b"<?xml version=\"1.0\"?><AnyLogicWorkspace/>", "AnyLogic"),
    ] {
        let said = message(bytes);
        assert!(said.contains(part) && !said.contains("well formed"), "{said}");
    }
    assert!(message(b"stock: 5").contains("not well formed"));
}

#[test]
fn a_start_or_stop_that_the_file_lacks_is_noted() {
    let text = file(2.0, 7.0, 1.0, &variables(r#"<aux name="x"><eqn>1</eqn></aux>"#));
    let notes = |left_out: &str| {
        let text = text.replace(left_out, "");
        read_xmile(text.as_bytes(), &Limits::default()).expect("readable").notes
    };
    assert!(notes("<start>2</start>")[0].contains("no <start>; 0 is used"));
    assert!(notes("<stop>7</stop>")[0].contains("no <stop>; 100 is used"));
    assert!(notes("nothing").is_empty());
}
