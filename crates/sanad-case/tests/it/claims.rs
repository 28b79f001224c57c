//! `claims.toml`: what is read and what is refused.
#![allow(clippy::disallowed_methods)]

use std::path::PathBuf;

use sanad_case::{Claims, Sign, Test, read_claims};
use sanad_core::chronicle::KnownIds;

const CLAIMS: &str = r#"
[[concept]]
id = "a"
title = "A"
[[concept]]
id = "b"
title = "B"

[[series]]
id = "counts"
title = "events"
quantity = "events"
places = ["PK5"]
actors = ["x"]

[[claim]]
id = "one"
wording = "A brings B."
paragraphs = [4]
from = "a"
to = "b"
sign = "less"
delay = "days"
mechanism = "It does."
fronts = ["narrative"]
[claim.test]
procedure = "comparison"
series = "counts"
before = ["2010-01", "2011-12"]
after = ["2012-01", "2013-12"]
expects = "fall"
size_that_matters = 0.2
limits = "Few."

[[claim]]
id = "two"
wording = "B brings A."
paragraphs = [5]
from = "b"
to = "a"
sign = "more"
delay = "days"
mechanism = "It does."
fronts = []
[claim.test]
procedure = "none"
needs = "More."
"#;

fn known() -> KnownIds {
    KnownIds {
        places: ["PK5".to_owned()].into(),
        actors: ["x".to_owned()].into(),
        ..KnownIds::default()
    }
}

fn read(text: &str) -> Claims {
    read_claims(text, &known()).unwrap()
}

fn refused(from: &str, to: &str) -> String {
    assert!(CLAIMS.contains(from), "{from}");
    read_claims(&CLAIMS.replacen(from, to, 1), &known()).unwrap_err().to_string()
}

#[test]
fn a_claim_has_its_test_with_parameters() {
    let claims = read(CLAIMS);
    let [one, two] = &claims.claims[..] else { panic!() };
    assert_eq!((one.sign, one.test.procedure()), (Sign::Less, "comparison"));
    assert_eq!(one.test.size_that_matters(), Some(0.2));
    assert!(matches!(&two.test, Test::None { needs } if needs == "More."));
    assert_eq!(claims.concept("b"), Some(1));
}

#[test]
fn names_that_nothing_has_are_refused_with_their_line() {
    assert_eq!(
        refused("from = \"a\"", "from = \"c\""),
        "claims.toml line 17: \"one\" names the concept \"c\", which the case does not have"
    );
    assert!(refused("series = \"counts\"", "series = \"z\"").contains("the series \"z\""));
    assert!(refused("\"PK5\"", "\"PK99\"").contains("the place \"PK99\""));
    assert!(refused("[\"x\"]", "[\"y\"]").contains("the actor \"y\""));
    assert!(refused("id = \"two\"", "id = \"one\"").contains("\"one\" is listed twice"));
}

#[test]
fn tests_that_cannot_run_as_declared_are_refused() {
    assert!(refused("2012-01", "2011-01").contains("later period"));
    assert!(refused("= 0.2", "= 0.0").contains("above zero"));
    assert!(refused("to = \"b\"", "to = \"a\"").contains("same concept"));
    assert!(refused("\"comparison\"", "\"guess\"").contains("guess"));
    assert!(refused("expects = \"fall\"", "expect = \"fall\"").contains("claims.toml line"));
    assert!(refused("quantity = \"events\"", "quantity = \"districts\"").contains("counts"));
}

#[test]
fn the_shipped_claims_are_about_the_text_and_most_kinds_of_test_are_used() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let places = sanad_case::read_places(&file("places.toml")).unwrap();
    let actors = sanad_case::read_actors(&file("actors.toml")).unwrap();
    let current_on = sanad_case::read_case(&file("case.toml")).unwrap().current_on;
    let book =
        sanad_core::place::PlaceBook::new(places.places, places.aliases, current_on).unwrap();
    let claims = read_claims(&file("claims.toml"), &KnownIds::from_case(&book, &actors)).unwrap();
    assert!(claims.claims.len() >= 35, "{}", claims.claims.len());
    for procedure in ["excitation", "intervention", "association", "comparison", "none"] {
        assert!(
            claims.claims.iter().any(|claim| claim.test.procedure() == procedure),
            "{procedure}"
        );
    }
    for concept in &claims.concepts {
        let used =
            claims.claims.iter().any(|claim| [&claim.from, &claim.to].contains(&&concept.id));
        assert!(used, "{} is named by no claim", concept.id);
    }
}
