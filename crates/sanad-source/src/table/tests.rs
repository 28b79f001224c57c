use std::collections::BTreeSet;

use sanad_core::diagnostic::Issue;

use super::*;

/// The map that is shipped for ACLED's export.
fn acled() -> Map {
    Map::parse(include_str!("../../../../maps/acled.toml")).unwrap()
}

/// Invented rows with the columns that the export has had since 2023.
const EXPORT: &str = "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,\
sub_event_type,actor1,assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,\
civilian_targeting,iso,region,country,admin1,admin2,admin3,location,latitude,longitude,\
geo_precision,source,source_scale,notes,fatalities,tags,timestamp
XXX1,05 March 2024,2024,1,Political violence,Battles,Armed clash,Forces of X,,State forces,\
Group A,,Rebel group,State forces-Rebel group,,586,South Asia,Pakistan,Balochistan,Quetta,,Town,\
30.2,67.0,1,A paper,National,A note that stays outside,3,,1
XXX2,2024-03-06,2024,2,Political violence,Violence against civilians,Attack,Group A,,Rebel group,\
Civilians,,Civilians,27,,586,South Asia,Pakistan,Sindh,,,Town,25.0,68.0,3,A paper,National,A note,1,,1
XXX3,2024-03-07,2024,1,Demonstrations,Protests,Peaceful protest,Protesters,,Protesters,,,,\
Protesters only,,586,South Asia,Pakistan,Sindh,Thatta,,Town,25.0,68.0,1,A paper,National,A note,0,,1
XXX4,2024-03-08,2024,1,Political violence,Battles,Armed clash,Group A,,Rebel group,Group B,,\
Rebel group,Rebel group-Rebel group,,586,South Asia,Pakistan,Sindh,Thatta,,Town,25.0,68.0,1,A paper,\
National,A note,2,,1
XXX5,8/3/2024,2024,1,Political violence,Battles,Armed clash,Group A,,Rebel group,Group B,,\
Rebel group,Rebel group-Aliens,,586,South Asia,Pakistan,Sindh,Thatta,,Town,25.0,68.0,1,A paper,\
National,A note,2,,1
";

fn events(table: &Table) -> &Ged {
    match &table.records {
        Records::Events(ged) => ged,
        other => panic!("{other:?}"),
    }
}

#[test]
fn acleds_export_is_read_by_the_map_that_is_shipped() {
    let deleted: BTreeSet<String> = ["XXX4".to_owned()].into();
    let table = read(EXPORT.as_bytes(), &acled(), &deleted, &KnownIds::default(), "PAK").unwrap();
    let ged = events(&table);
    assert_eq!((table.rows_read, ged.events.len(), ged.deaths_kept), (5, 2, 4));
    assert_eq!(table.set_aside["rows deleted"], 1);
    assert_eq!(table.set_aside["rows left out"], 1);
    assert_eq!(ged.events.violence, [1, 3]);
    assert_eq!(ged.events.where_prec, [1, 4]);
    assert_eq!(ged.events.date_prec, [1, 3]);
    assert_eq!(ged.events.country_id, [770, 770]);
    assert_eq!(ged.events.row, [2, 3]);
    assert_eq!(ged.coverage.from, Some("2024-03".parse().unwrap()));
    let [diagnostic] = &table.diagnostics[..] else { panic!("{:?}", table.diagnostics) };
    assert_eq!((diagnostic.row, diagnostic.issue), (6, Issue::UnknownCode));
    assert_eq!(diagnostic.column, "type_of_violence (interaction)");
    assert!(!format!("{table:?}").contains("A note"));
}

#[test]
fn rows_of_records_and_remarks_are_those_of_the_foreign_table() {
    let map = Map::parse(
        "kind = \"observations\"\nseparator = \";\"\ndate_forms = [\"%d.%m.%Y\"]\n\
         source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
         columns = { indicator = \"Was\", date = \"Wann\", value = \"Wert\" }\n\
         fixed = { iso3 = \"PAK\", unit = \"persons\" }\nscale = { value = 1000 }\n\
         leave_out = { Was = [\"b\"] }\ndeleted = { column = \"weg\", words = [\"ja\"] }\n",
    )
    .unwrap();
    let file = "Wann;Was;Wert;weg\n05.03.2024;b;1;\n05.03.2024;a;0.304;\n06.03.2024;a;2;JA\n\
        31.02.2024;a;3;\n07.03.2024;a;x;\n08.03.2024;;4;\n";
    let table = read(file.as_bytes(), &map, &BTreeSet::new(), &KnownIds::default(), "").unwrap();
    let Records::Observations(series) = &table.records else { panic!() };
    assert_eq!(series.observations.len(), 1);
    let one = &series.observations[0];
    assert_eq!((one.value, one.source_row, one.unit.as_str()), (304.0, 3, "persons"));
    let shown: Vec<(u64, &str)> = table
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.row, diagnostic.column.as_str()))
        .collect();
    assert_eq!(shown, [(5, "date (Wann)"), (6, "value (Wert)"), (7, "indicator (Was)")]);
}

#[test]
fn a_year_of_two_digits_is_no_year_of_four() {
    let read_with = |forms: &str| {
        let map = Map::parse(&format!(
            "kind = \"observations\"\ndate_forms = {forms}\n\
             source = {{ id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }}\n\
             columns = {{ indicator = \"what\", date = \"when\", value = \"much\" }}\n\
             fixed = {{ iso3 = \"PAK\" }}\n"
        ));
        let file = b"what,when,much\na,03-Feb-24,1\n";
        read(file, &map.unwrap(), &BTreeSet::new(), &KnownIds::default(), "").unwrap()
    };
    let refused = read_with("[\"%d-%b-%Y\"]");
    // What is quoted is the cell, not what was made of it.
    assert_eq!(refused.diagnostics[0].found, "03-Feb-24");
    let Records::Observations(series) = read_with("[\"%d-%b-%Y\", \"%d-%b-%y\"]").records else {
        panic!()
    };
    assert_eq!(series.observations[0].period.to_string(), "2024-02-03");
}

#[test]
fn maps_that_cannot_be_meant_are_refused() {
    let source =
        "source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }";
    let parse = |rest: &str| Map::parse(&format!("{source}\n{rest}")).unwrap_err().to_string();
    for (map, said) in [
        ("kind = \"events\"\ncolumns = { idd = \"x\" }", "did it mean \"id\""),
        ("kind = \"events\"\ncolumns = { id = \"x\" }", "does not give type_of_violence"),
        ("kind = \"events\"\ncolumns = { id = \"x\" }\nfixed = { id = \"y\" }", "once"),
        ("kind = \"rumours\"", "unknown variant"),
        ("kind = \"events\"\nwords = { best = { a = \"1\" } }", "names the field \"best\""),
        ("kind = \"events\"\ncolums = {}", "unknown field"),
        (
            "kind = \"events\"\ncolumns = { id = \"a\", type_of_violence = \"b\", date_start = \"c\", \
             best = \"d\", means = \"e\" }\nwords = { means = { x = \"explosive;bomb\" } }",
            "the map's means: found \"bomb\", expected one of explosive, suicide",
        ),
        (
            "kind = \"events\"\ncolumns = { id = \"a\", type_of_violence = \"b\", date_start = \"c\", \
             best = \"d\" }\nfixed = { means = \"drones\" }",
            "found \"drones\"",
        ),
        ("kind = \"acts\"\ncolumns = { means = \"a\" }", "names the field \"means\""),
        (
            "kind = \"observations\"\nseparator = \"x\"\n\
             columns = { indicator = \"a\", date = \"b\", value = \"c\" }",
            "separator",
        ),
    ] {
        let message = parse(map);
        assert!(message.contains(said), "{map}: {message}");
    }
    let missing = read(b"a,b\n1,2\n", &acled(), &BTreeSet::new(), &KnownIds::default(), "");
    assert!(missing.unwrap_err().to_string().contains("event_id_cnty"));
}

#[test]
fn lists_of_deletions_are_read_with_and_without_a_header() {
    let plain = read_deletions(b"XXX1\nXXX2\n\n", "event_id_cnty").unwrap();
    let table = read_deletions(b"when,event_id_cnty\n1,XXX1\n2,XXX2\n", "event_id_cnty").unwrap();
    assert_eq!(plain, table);
    assert_eq!(plain.len(), 2);
    for none in [&b""[..], b" \n\n", b"event_id_cnty\n"] {
        assert!(read_deletions(none, "event_id_cnty").unwrap().is_empty());
    }
}

#[test]
fn a_table_of_which_every_row_is_left_out_gives_no_record_and_no_fault() {
    let (header, rest) = EXPORT.split_once('\n').unwrap();
    let protest = rest.lines().find(|line| line.contains("XXX3")).unwrap();
    let file = format!("{header}\n{protest}\n");
    let table =
        read(file.as_bytes(), &acled(), &BTreeSet::new(), &KnownIds::default(), "PAK").unwrap();
    assert_eq!(events(&table).events.len(), 0);
    assert_eq!((table.rows_read, table.diagnostics.len()), (1, 0));
}

/// The means of attack that were kept, by the row of the foreign table.
fn means(table: &Table) -> Vec<(u32, &str)> {
    let events = &events(table).events;
    let words = events.means.as_ref().expect("the map gives means");
    (0..events.len()).map(|at| (events.row[at], words.get(at))).collect()
}

#[test]
fn acleds_sub_types_say_by_what_means_and_others_are_noted() {
    let row = |id: &str, kind: &str| {
        format!(
            "{id},2024-03-05,2024,1,Political violence,Explosions/Remote violence,{kind},Group A,,Rebel group,\
             Forces of X,,State forces,State forces-Rebel group,,586,South Asia,Pakistan,Balochistan,Quetta,,Town,\
             30.2,67.0,1,A paper,National,A note,3,,1\n"
        )
    };
    let kinds = [
        "Suicide bomb",
        "Air/drone strike",
        "Armed clash",
        "",
        "Laser",
        "Remote explosive/landmine/IED",
    ];
    let rows: String =
        kinds.iter().enumerate().map(|(at, kind)| row(&format!("X{at}"), kind)).collect();
    let header = EXPORT.split_once('\n').unwrap().0;
    let file = format!("{header}\n{rows}");
    let none = (BTreeSet::new(), KnownIds::default());
    let table = read(file.as_bytes(), &acled(), &none.0, &none.1, "PAK").unwrap();
    let coded =
        [(2, "explosive;suicide"), (3, "air-strike"), (4, ""), (5, ""), (6, ""), (7, "explosive")];
    assert_eq!(means(&table), coded);
    let [diagnostic] = &table.diagnostics[..] else { panic!("{:?}", table.diagnostics) };
    assert_eq!((diagnostic.row, diagnostic.issue, diagnostic.kept), (6, Issue::UnknownCode, true));
    assert_eq!(
        (diagnostic.column.as_str(), diagnostic.found.as_str()),
        ("means (sub_event_type)", "Laser")
    );
    assert!(diagnostic.expected.contains("kept without means"), "{}", diagnostic.expected);
}

#[test]
fn a_column_of_means_is_read_in_the_words_of_the_list_and_never_made_up() {
    let map = |means: &str| {
        Map::parse(&format!(
            "kind = \"events\"\n\
             source = {{ id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }}\n\
             columns = {{ id = \"id\", type_of_violence = \"type\", date_start = \"day\", best = \"dead\"{means} }}\n\
             fixed = {{ iso3 = \"PAK\" }}"
        ))
        .unwrap()
    };
    let file = "id,type,day,dead,how\n1,1,2024-01-01,2,suicide; explosive\n2,x,2024-01-02,1,drone\n\
        3,3,2024-01-03,1,\n4,1,2024-01-04,1,poison\n5,1,2024-01-05,1,thermal-sight\n";
    let none = (BTreeSet::new(), KnownIds::default());
    let table = read(file.as_bytes(), &map(", means = \"how\""), &none.0, &none.1, "PAK").unwrap();
    assert_eq!(means(&table), [(2, "explosive;suicide"), (4, ""), (5, ""), (6, "thermal-sight")]);
    let shown: Vec<(u64, &str, bool)> = table
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.row, diagnostic.column.as_str(), diagnostic.kept))
        .collect();
    assert_eq!(shown, [(3, "type_of_violence (type)", false), (5, "means (how)", true)]);
    let silent = read(file.as_bytes(), &map(""), &none.0, &none.1, "PAK").unwrap();
    assert!(events(&silent).events.means.is_none());
}
