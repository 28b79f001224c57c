//! The model that the first case ships: it compiles, its units balance, it is small enough to read.
use sanad_scenario::{
    Distribution, Inputs, LearningSettings, Limits, Model, ObservationRecord, RunSettings,
    StateSpace, Vary, read_xmile,
};

fn document() -> sanad_scenario::Document {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan/model.xmile");
    read_xmile(&std::fs::read(file).unwrap(), &Limits::default()).unwrap()
}

#[test]
fn units_of_the_case_model_balance_and_every_variable_has_one() {
    let report = document().check_units().unwrap();
    println!("{report:?}");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[test]
fn the_case_model_stays_in_range() {
    let model = Model::compile(&document()).unwrap();
    let simulation = model.simulation(&[], &RunSettings::default()).unwrap();
    let results = simulation.run(1, &Default::default()).unwrap();
    for (at, name) in results.outputs().iter().enumerate() {
        let path = results.path(0, at);
        println!("{name} {:?}", path.iter().step_by(60).collect::<Vec<_>>());
        assert!(path.iter().all(|value| value.is_finite() && *value >= 0.0), "{name} {path:?}");
    }
}

/// A file of the case.
fn text(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cases/pakistan/");
    std::fs::read_to_string(format!("{folder}{file}")).unwrap()
}

/// A file of the monthly model.
fn monthly_text(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/models/pakistan-monthly/");
    std::fs::read_to_string(format!("{folder}{file}")).unwrap()
}

fn monthly() -> Model {
    let document = read_xmile(monthly_text("model.xmile").as_bytes(), &Limits::default()).unwrap();
    Model::compile(&document).unwrap()
}

/// The strings under a key, of every table of an array.
fn strings<'t>(table: &'t toml::Table, array: &str, key: &str) -> Vec<&'t str> {
    let rows = table.get(array).and_then(toml::Value::as_array).into_iter().flatten();
    rows.filter_map(|row| row.get(key)?.as_str()).collect()
}

#[test]
fn the_monthly_model_goes_through_its_record_and_its_links_can_be_put_to_zero() {
    let model = monthly();
    let space: StateSpace = toml::from_str(&monthly_text("noise.toml")).unwrap();
    let mut priors: Vary = toml::from_str(&monthly_text("priors.toml")).unwrap();
    assert_eq!(priors.constants.len(), 48);
    let assimilation =
        model.assimilation(&["capability"], &space, &RunSettings::default()).unwrap();
    let lines: Vec<String> =
        monthly_text("observed.csv").lines().take(41).map(str::to_owned).collect();
    let mut record = ObservationRecord::default();
    for line in &lines[1..] {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        record.times.push(cells[0]);
        for (name, cell) in lines[0].split(',').zip(cells).skip(1) {
            record.series.entry(name.to_owned()).or_default().push(Some(cell));
        }
    }
    let links = [
        "suppression",
        "clearing_rate",
        "displaced_share",
        "return_rate",
        "narrative_effect",
        "legitimacy_effect",
        "cohesion_effect",
        "pressure_from_violence",
        "repression_from_violence",
        "excess_harm",
        "repression_harm",
        "credibility_from_violence",
        "credibility_from_repression",
        "credibility_from_hostility",
        "hostility_return",
        "hostility_from_violence",
    ];
    for link in links {
        let zero = Distribution::Fixed { value: 0.0 };
        assert!(priors.constants.insert(link.to_owned(), zero).is_some(), "{link}");
    }
    let settings = LearningSettings { sets: 8, inner_members: 64, ..Default::default() };
    let stages = assimilation.learn(&priors, &Inputs::new(), &record, &[], &settings, |_| ());
    assert!(stages.unwrap()[0].log_evidence.is_finite());
}

#[test]
fn every_dated_input_of_the_monthly_model_has_a_record_and_the_months_of_its_constants() {
    let model = monthly();
    let inputs: toml::Table = toml::from_str(&monthly_text("inputs.toml")).unwrap();
    let mut known = String::new();
    for file in ["us-strikes.csv", "border-channels.csv", "afghan-clashes.csv"] {
        known.push_str(&text(file));
    }
    let chronicle: toml::Table = toml::from_str(&text("chronicle.toml")).unwrap();
    let ties: toml::Table = toml::from_str(&text("ties.toml")).unwrap();
    let mut ids: Vec<&str> = Vec::new();
    for table in [&chronicle, &ties] {
        for array in table.keys() {
            ids.extend(strings(table, array, "id"));
        }
    }
    let month = |text: &str| -> f64 {
        let (year, month) = text.split_once('-').unwrap();
        (year.parse::<f64>().unwrap() - 1989.0) * 12.0 + month.parse::<f64>().unwrap() - 1.0
    };
    let rows = inputs["input"].as_array().unwrap();
    assert_eq!(rows.len(), 13);
    for row in rows {
        let list = |key: &str| -> Vec<&str> {
            let found = row.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            found.filter_map(toml::Value::as_str).collect()
        };
        let (records, series) = (list("records"), list("series"));
        assert!(!records.is_empty() || !series.is_empty(), "{row}");
        assert!(records.iter().all(|record| ids.contains(record)), "{row}");
        assert!(series.iter().all(|series| known.contains(&format!("\n{series},"))), "{row}");
        for (constant, months) in list("constants").iter().zip(list("months")) {
            let value = model.constant(constant).unwrap();
            // Windows are closed at their first month and open at the month after their last.
            let expected = match constant.rsplit_once('_') {
                Some((_, "until")) => month(months) + 1.0,
                Some((_, "shift")) => 0.0,
                _ => month(months),
            };
            assert_eq!(value, expected, "{constant}");
        }
    }
}
