//! What the readers say about malformed files of a case. Accept changed wording with
//! `INSTA_UPDATE=always cargo test -p sanad-case`.

use core::fmt::Write as _;

use sanad_case::{Error, read_actors, read_case, read_chronicle, read_places};
use sanad_core::chronicle::KnownIds;
use sanad_core::diagnostic::Diagnostic;

/// One block per input: its name, then the error or what became of the rows.
#[derive(Default)]
struct Report {
    text: String,
    inputs: usize,
}

impl Report {
    fn error(&mut self, name: &str, error: &Error) {
        self.inputs += 1;
        let _ = writeln!(self.text, "{name}\n  error: {error}");
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            let first = inner.to_string().lines().next().unwrap_or_default().to_owned();
            let _ = writeln!(self.text, "  because: {first}");
            cause = inner.source();
        }
    }

    fn diagnostics(&mut self, name: &str, kept: usize, read: u64, diagnostics: &[Diagnostic]) {
        self.inputs += 1;
        let _ = writeln!(self.text, "{name}\n  kept {kept} of {read}");
        for diagnostic in diagnostics {
            let _ = writeln!(self.text, "  {diagnostic}");
        }
    }
}

#[test]
fn hand_written_files_that_break_a_rule() {
    let mut report = Report::default();
    let mut one = |name: &str, read: Result<usize, Error>| match read {
        Ok(count) => report.diagnostics(name, count, count as u64, &[]),
        Err(error) => report.error(name, &error),
    };
    let case = "id = \"x\"\ntitle = \"X\"\ncountry = \"XX\"\niso3 = \"XXX\"\ngwno = 1\ncurrent_on = \"2022-09-09\"\n";
    let card = |text: &str| read_case(text).map(|_| 1);
    one("no byte", card(""));
    one("no TOML", card("id = \n"));
    one("a quotation left open", card("id = \"x\ntitle = 1"));
    one("a missing field", card(&case.replace("iso3 = \"XXX\"\n", "")));
    one("a misspelt field", card(&format!("{case}[text]\ntitel = \"T\"\n")));
    one("a word for a number", card(&case.replace("gwno = 1", "gwno = \"one\"")));
    one("a day that is none", card(&case.replace("2022-09-09", "2022-09-31")));
    one("a month that is none", card(&format!("{case}figures_from = \"2021\"\n")));
    one("a file outside the folder", card(&format!("{case}places = \"../places.toml\"\n")));
    one("a list of files outside", card(&format!("{case}chronicle = [\"a.toml\", \"/etc/x\"]\n")));

    let place = |id: &str, more: &str| {
        format!("[[place]]\nid = \"{id}\"\nname = \"N\"\nlevel = \"adm2\"\n{more}\n")
    };
    let day = "2022-09-09".parse().expect("a day");
    let book = |text: &str| read_places(text)?.into_book(day).map(|book| book.iter().count());
    one("an unknown level", book(&place("A", "").replace("adm2", "district")));
    one("a place without a name", book("[[place]]\nid = \"A\"\nlevel = \"adm1\"\n"));
    one(
        "a field that aliases do not have",
        book(&(place("A", "") + "[[alias]]\nname = \"a\"\nplace = \"A\"\nvalid_from = \"2018\"\n")),
    );
    one("a place listed twice", book(&(place("A", "") + &place("B", "") + &place("A", ""))));
    one("a place in no place", book(&place("A", "within = \"Z\"")));
    one("a place within itself", book(&place("A", "within = \"A\"")));
    one("a place that ended without successors", book(&place("A", "valid_to = \"2018-05-30\"")));
    one(
        "shares above one",
        book(
            &(place("B", "")
                + &place(
                    "A",
                    "valid_to = \"2018-05-30\"\nsuccessors = [{ place = \"B\", share = 1.5 }]",
                )),
        ),
    );
    one(
        "an alias of no place",
        book(&(place("A", "") + "[[alias]]\nname = \"a\"\nplace = \"Z\"\n")),
    );
    one("a native date", book(&place("A", "valid_from = 2018-05-31")));

    let actor = |id: &str, more: &str| {
        format!(
            "[[actor]]\nid = \"{id}\"\nname = \"N\"\nkind = \"party\"\nfamily = \"political\"\n{more}\n"
        )
    };
    let actors = |text: &str| read_actors(text).map(|actors| actors.len());
    one("an unknown family", actors(&actor("a", "").replace("political", "other")));
    one("an actor listed twice", actors(&(actor("a", "") + &actor("a", ""))));
    one(
        "a number of two actors",
        actors(&(actor("a", "ucdp_ids = [7]") + &actor("b", "ucdp_ids = [8, 7]"))),
    );
    one(
        "an actor that ends before it begins",
        actors(&actor("a", "from = \"2020\"\nto = \"2018\"")),
    );

    let chronicle = |text: &str| {
        read_chronicle(text, &KnownIds::default())
            .map(|read_chronicle| read_chronicle.records.len())
    };
    one("a kind of entry that is none", chronicle("[[rumour]]\nid = \"r\"\n"));
    one("a value where entries belong", chronicle("act = 3\n"));
    one("an empty chronicle", chronicle(" \n"));
    let entry = "[[act]]\nid = \"p\"\nwhen = \"2024\"\nparagraph = 1\nsummary = \"S\"\nby = \"g\"\nact_kind = \"ban\"\neffect = \"eases\"\n";
    let known = KnownIds { actors: ["g".to_owned()].into(), ..KnownIds::default() };
    for (name, text) in [
        ("an entry that is a number", "act = [3]\n".to_owned()),
        ("an entry without a summary", entry.replace("summary = \"S\"\n", "")),
        ("an entry with a field of another kind", format!("{entry}side_a = \"g\"\n")),
        ("an entry with a date that is none", entry.replace("\"2024\"", "\"2024-02-30\"")),
        ("an entry with a word outside its list", entry.replace("eases", "helps")),
        ("an entry about an unlisted actor", entry.replace("\"g\"", "\"h\"")),
        ("an entry told twice", entry.repeat(2)),
        ("an entry with a broken list", entry.replace("\"ban\"", "[\"ban\"]")),
    ] {
        match read_chronicle(&text, &known) {
            Ok(it) => report.diagnostics(name, it.records.len(), it.entries_read, &it.diagnostics),
            Err(error) => report.error(name, &error),
        }
    }
    insta::assert_snapshot!(report.text);
    assert_eq!(report.inputs, 35);
}
