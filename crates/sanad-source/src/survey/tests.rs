use sanad_core::place::Level;

use super::*;
use crate::Error;

const SOURCE: &str =
    "source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n";

/// A map with provinces, weights, strata and clusters, and one question.
fn provinces() -> SurveyMap {
    SurveyMap::parse(&format!(
        "{SOURCE}missing = [\"-1\"]\n\
         sample = {{ weight = \"w\", strata = [\"p\"], cluster = \"c\" }}\n\
         time = {{ column = \"day\", unit = \"year\" }}\n\
         [place]\niso3 = \"PAK\"\ncolumn = \"p\"\nlevel = \"adm1\"\n\
         names = {{ 1 = \"Punjab\", 2 = \"Sindh\", 3 = \"Balochistan\" }}\n\
         [[share]]\nid = \"trusts\"\ntitle = \"trusts\"\ncolumn = \"q\"\n\
         answers = [\"1\", \"2\"]\ncounts = [\"1\"]\n"
    ))
    .unwrap()
}

/// Rows of a province: `yes` and `no`, four in a cluster.
fn rows(province: &str, yes: usize, no: usize) -> String {
    let row = |i: usize| {
        let answer = if i < yes { "1.0" } else { "2" };
        format!("{province},{},1.5,2018-03-0{},{answer}\n", i / 4, 1 + i % 9)
    };
    (0..yes + no).map(row).collect()
}

fn file(parts: &[String]) -> String {
    format!("p,c,w,day,q\n{}", parts.concat())
}

/// Indicator, place and value of every observation.
fn shown(series: &Series) -> Vec<(String, String, f64)> {
    let all = series.observations.iter();
    all.map(|it| (it.indicator.clone(), it.place.name.clone(), it.value)).collect()
}

fn places(series: &Series) -> Vec<&str> {
    let all = series.observations.iter().filter(|observation| observation.indicator == "trusts");
    all.map(|it| it.place.name.as_str()).collect()
}

#[test]
fn shares_come_out_by_place_and_period_with_errors_and_numbers() {
    let file = file(&[rows("1", 30, 10), rows("2", 20, 20)]);
    let series = read(file.as_bytes(), &provinces()).unwrap();
    let expected = [
        ("trusts", "Pakistan", 0.625),
        ("trusts.respondents", "Pakistan", 80.0),
        ("trusts", "Punjab", 0.75),
        ("trusts.respondents", "Punjab", 40.0),
        ("trusts", "Sindh", 0.5),
        ("trusts.respondents", "Sindh", 40.0),
    ];
    let expected = expected.map(|(id, place, value)| (id.to_owned(), place.to_owned(), value));
    assert_eq!(shown(&series), expected);
    let punjab = &series.observations[2];
    assert_eq!((punjab.period.to_string().as_str(), punjab.place.level), ("2018", Level::Adm1));
    assert_eq!(punjab.source_row, 0);
    let [low, high] = [punjab.low.unwrap(), punjab.high.unwrap()];
    assert!(0.0 < low && low < 0.75 && 0.75 < high && high < 1.0);
    assert!(punjab.standard_error.unwrap() > 0.0);
    assert_eq!((series.rows_read, series.diagnostics.len()), (80, 0));
}

#[test]
fn a_cell_under_ten_is_dropped_with_those_that_would_give_it_away() {
    // Nine people of Balochistan say no: not published, and neither is the next smallest, because the
    // country's share less the others' would tell.
    let all = file(&[rows("1", 30, 30), rows("2", 20, 20), rows("3", 20, 9)]);
    let series = read(all.as_bytes(), &provinces()).unwrap();
    assert_eq!(places(&series), ["Pakistan", "Punjab"]);
    assert_eq!(series.set_aside["cells under ten"], 1);
    assert_eq!(series.set_aside["cells dropped beside them"], 1);
    // With ten all are published.
    let all = file(&[rows("1", 30, 30), rows("2", 20, 20), rows("3", 20, 10)]);
    assert_eq!(places(&read(all.as_bytes(), &provinces()).unwrap()).len(), 4);
}

#[test]
fn people_without_a_known_place_are_not_given_away_either() {
    let some = file(&[rows("1", 30, 30), rows("2", 20, 20), rows("7", 4, 4)]);
    let series = read(some.as_bytes(), &provinces()).unwrap();
    assert_eq!(places(&series), ["Pakistan", "Punjab"]);
    assert_eq!(series.set_aside["respondents without a known place"], 8);
    let many = file(&[rows("1", 30, 30), rows("2", 20, 20), rows("7", 20, 20)]);
    let series = read(many.as_bytes(), &provinces()).unwrap();
    assert_eq!(places(&series), ["Pakistan", "Punjab", "Sindh"]);
}

#[test]
fn two_shares_of_a_column_are_published_only_where_their_difference_could_be() {
    let text = |second: &str| {
        format!(
            "{SOURCE}place = {{ iso3 = \"PAK\" }}\ntime = {{ period = \"2018\" }}\n\
             [[share]]\nid = \"much\"\ntitle = \"m\"\ncolumn = \"q\"\n\
             answers = [\"1\", \"2\", \"3\"]\ncounts = [\"1\"]\n{second}"
        )
    };
    let second = "[[share]]\nid = \"some\"\ntitle = \"s\"\ncolumn = \"q\"\n\
        answers = [\"1\", \"2\", \"3\"]\ncounts = [\"1\", \"2\"]\n";
    let file = format!("q\n{}{}{}", "1\n".repeat(40), "2\n".repeat(9), "3\n".repeat(40));
    let one = read(file.as_bytes(), &SurveyMap::parse(&text("")).unwrap()).unwrap();
    assert_eq!(one.observations.len(), 2);
    let both = read(file.as_bytes(), &SurveyMap::parse(&text(second)).unwrap()).unwrap();
    assert_eq!((both.observations.len(), both.set_aside["cells under ten"]), (0, 1));
    let other =
        second.replace(", \"3\"]", "]").replace("counts = [\"1\", \"2\"]", "counts = [\"2\"]");
    let error = SurveyMap::parse(&text(&other)).unwrap_err().to_string();
    assert!(error.contains("same answers"), "{error}");
}

/// Answers of an endorsement experiment with a column per arm.
fn endorsements(model: bool) -> SurveyMap {
    SurveyMap::parse(&format!(
        "{SOURCE}place = {{ iso3 = \"PAK\" }}\ntime = {{ period = \"2009\" }}\n\
         [[endorsement]]\nid = \"support\"\ntitle = \"support\"\nmodel = {model}\n\
         endorsers = {{ b = \"group B\", c = \"group C\" }}\n\
         answers = [\"1\", \"2\", \"3\", \"4\", \"5\"]\n\
         [[endorsement.question]]\nid = \"polio\"\ncontrol = \"polio.a\"\n\
         arms = {{ b = \"polio.b\", c = \"polio.c\" }}\n"
    ))
    .unwrap()
}

#[test]
fn endorsement_experiments_give_differences_for_any_and_each_group() {
    let arm = |answers: [usize; 2], before: &str, after: &str| -> String {
        let row = |answer: usize| format!("{before}{answer}{after}\n");
        answers.iter().flat_map(|&answer| (0..10).map(move |_| answer)).map(row).collect()
    };
    let rows = [arm([3, 5], "", ",,"), arm([2, 4], ",", ","), arm([1, 5], ",,", "")];
    let file = format!("polio.a,polio.b,polio.c\n{}", rows.concat());
    let series = read(file.as_bytes(), &endorsements(false)).unwrap();
    let found = |id: &str| {
        series.observations.iter().find(|observation| observation.indicator == id).unwrap()
    };
    // Means of 4, 3 and 3.
    assert_eq!(found("support").value, -1.0);
    assert_eq!(found("support_b").value, -1.0);
    assert_eq!(found("support_c_polio").value, -1.0);
    assert_eq!(found("support_b.respondents").value, 40.0);
    // s² is 20/19 in each arm, and 80/19 in the last: variances of 2 s² / 20 and so on.
    let error = found("support_b").standard_error.unwrap();
    assert!((error * error - 2.0 / 19.0).abs() < 1e-12);
    // An arm of nine: nothing of the experiment is published.
    let short = file.rsplit_once("\n,,5").unwrap().0;
    let short = short.rsplit_once("\n,,5").unwrap().0;
    let nine = short.matches("\n,,").count();
    assert_eq!(nine, 18);
    let short: String =
        short.lines().filter(|line| *line != ",,1").map(|l| format!("{l}\n")).collect();
    let series = read(short.as_bytes(), &endorsements(false)).unwrap();
    assert!(series.observations.is_empty());
    assert_eq!(series.set_aside["cells under ten"], 1);
}

#[test]
fn list_experiments_give_the_share_for_whom_the_item_holds() {
    let map = SurveyMap::parse(&format!(
        "{SOURCE}place = {{ iso3 = \"PAK\" }}\ntime = {{ period = \"2018-05\" }}\n\
         [[list]]\nid = \"pays\"\ntitle = \"pays\"\ncolumn = \"n\"\ntreatment = \"t\"\n\
         control = \"A\"\ntreated = \"B\"\ncontrol_items = 3\nmissing = [\"9\"]\n"
    ))
    .unwrap();
    let rows = [("A", "1"), ("A", "2"), ("B", "2"), ("B", "2"), ("B", "9"), ("A", "4")];
    let rows: String = rows.iter().map(|(t, n)| format!("{t},{n}\n").repeat(10)).collect();
    let series = read(format!("t,n\n{rows}").as_bytes(), &map).unwrap();
    assert_eq!(shown(&series)[0], ("pays".to_owned(), "Pakistan".to_owned(), 0.5));
    assert_eq!(series.observations[0].period.to_string(), "2018-05");
}

#[test]
fn nothing_that_is_said_repeats_a_cell() {
    const CANARY: &str = "canary-7391";
    let bad = [
        format!("{CANARY},1,1,2018,1\n"),
        format!("1,1,{CANARY},2018,1\n"),
        format!("1,1,1,{CANARY},1\n"),
        format!("1,1,1,2018,{CANARY}\n"),
        "1,1,1,2018,73917391\n".to_owned(),
        "1,1,-73917391,2018,1\n".to_owned(),
        format!("1,1,1,2018,1,{CANARY}\n"),
        format!("1,{CANARY},1,2018-13-{CANARY},1\n"),
        format!("1,1,1,2018,\"{CANARY}\n"),
    ];
    let whole = file(&[rows("1", 30, 10), bad.concat()]);
    let series = read(whole.as_bytes(), &provinces()).unwrap();
    let said = format!("{series:?}");
    assert!(series.diagnostics.len() >= 7, "{said}");
    assert!(!said.contains("7391"), "{said}");
    let kinds: Vec<&str> =
        series.diagnostics.iter().map(|diagnostic| diagnostic.found.as_str()).collect();
    assert!(kinds.contains(&"a text") && kinds.contains(&"a number"), "{kinds:?}");
    // Without a header a respondent stands in its place.
    for headless in [format!("{CANARY},1,1,2018,1\n1,1,1,2018,1\n"), format!("{CANARY}\n1\n")] {
        let error = read(headless.as_bytes(), &provinces()).unwrap_err();
        assert!(matches!(error, Error::MissingMapped { .. }));
        assert!(!format!("{error} {error:?}").contains("7391"));
    }
}

#[test]
fn rows_without_a_weight_stratum_cluster_or_day_are_named_and_left_out() {
    let bad = ["1,1,,2018,1\n", ",1,1,2018,1\n", "1,,1,2018,1\n", "1,1,1,,1\n"];
    let whole = file(&[rows("1", 30, 10), bad.concat()]);
    let series = read(whole.as_bytes(), &provinces()).unwrap();
    let named: Vec<(u64, &str)> = series
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.row, diagnostic.column.as_str()))
        .collect();
    assert_eq!(named, [(42, "w"), (43, "p"), (44, "c"), (45, "day")]);
    assert_eq!(series.observations[1].value, 40.0);
}

#[test]
fn strata_with_one_cluster_are_told() {
    let lonely: String = (0..40).map(|i| format!("2,0,1,2018,{}\n", 1 + i % 2)).collect();
    let series = read(file(&[rows("1", 30, 10), lonely]).as_bytes(), &provinces()).unwrap();
    let said: Vec<String> = series.diagnostics.iter().map(ToString::to_string).collect();
    assert!(said[0].contains("1 strata with one sampling unit"), "{said:?}");
    // One cluster gives no error of its own: the place is left out, and with it what would give it away.
    assert_eq!(places(&series), ["Pakistan", "Punjab"]);
    assert_eq!(series.diagnostics.len(), 2);
}

#[test]
fn maps_that_cannot_be_meant_are_refused() {
    let frame = "place = { iso3 = \"PAK\" }\ntime = { period = \"2018\" }\n";
    let share = "[[share]]\nid = \"a\"\ntitle = \"a\"\ncolumn = \"q\"\nanswers = [\"1\", \"2\"]\n\
        counts = [\"1\"]\n";
    let parse = |text: &str| SurveyMap::parse(&format!("{SOURCE}{text}")).unwrap_err().to_string();
    assert!(SurveyMap::parse(&format!("{SOURCE}{frame}{share}")).is_ok());
    for (text, said) in [
        (frame.to_owned(), "no question"),
        (format!("{frame}{share}{share}"), "twice"),
        (format!("{frame}{}", share.replace("[\"1\"]", "[\"1\", \"2\"]")), "not all"),
        (format!("{frame}{}", share.replace("[\"1\"]", "[\"3\"]")), "some of the answers"),
        (format!("{frame}{}", share.replace("\"a\"", "\"A b\"")), "small letters"),
        (format!("{}{share}", frame.replace("PAK", "XXX")), "ISO 3166-1"),
        (
            format!("{}{share}", frame.replace("period = \"2018\"", "unit = \"year\"")),
            "period or a column",
        ),
        (format!("{}{share}", frame.replace("\"PAK\"", "\"PAK\", column = \"p\"")), "level below"),
        (format!("{frame}{share}sepparator = \";\"\n"), "unknown field"),
    ] {
        let message = parse(&text);
        assert!(message.contains(said), "{text}: {message}");
    }
}

#[test]
fn only_the_rows_that_the_map_keeps_are_read() {
    let map = SurveyMap::parse(&format!(
        "{SOURCE}place = {{ iso3 = \"PAK\" }}\ntime = {{ period = \"2018\" }}\nkeep = {{ c = [\"PAK\"] }}\n\
         [[mean]]\nid = \"m\"\ntitle = \"m\"\ncolumn = \"q\"\nanswers = {{ 1 = 1.0, 2 = 2.0, 3 = 6.0 }}\n"
    ))
    .unwrap();
    let rows = format!("{}{}", "PAK,3\nPAK,1\n".repeat(10), "IND,2\n".repeat(30));
    let series = read(format!("c,q\n{rows}").as_bytes(), &map).unwrap();
    assert_eq!(shown(&series)[0], ("m".to_owned(), "Pakistan".to_owned(), 3.5));
    assert_eq!((series.rows_read, series.set_aside["rows left out"]), (50, 30));
}

#[test]
fn the_maps_that_are_shipped_can_be_read() {
    for text in [
        include_str!("../../../../maps/endorsement-pakistan-2009.toml"),
        include_str!("../../../../maps/world-values-survey-7.toml"),
    ] {
        SurveyMap::parse(text).unwrap();
    }
}
