//! Spellings: what is left of a name when accents and closing words are set aside, and identifiers.

use std::collections::BTreeSet;

use sanad_core::place::{CLOSING_WORDS, fold_name};

/// What names nothing by itself, so that a closing word after it belongs to the name.
const DIRECTIONS: [&str; 16] = [
    "capital", "central", "coast", "east", "eastern", "federal", "lower", "middle", "mountain",
    "north", "northern", "south", "southern", "upper", "west", "western",
];

/// Words that say little on a tile of a map.
const SMALL_WORDS: [&str; 9] = ["a", "and", "de", "del", "la", "not", "of", "province", "the"];

/// Small letters without accents, punctuation and a closing word: names that are equal in it are the
/// same name.
pub(super) fn plain(name: &str) -> String {
    let folded = fold_name(&without_accents(name), &CLOSING_WORDS);
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a source's name finds a place's name without an alias, as a book of places compares them.
pub(super) fn is_found(name: &str, place: &str) -> bool {
    fold_name(name, &CLOSING_WORDS) == fold_name(place, &CLOSING_WORDS)
}

/// A name for people: without the word that says what sort of place it is, unless nothing that names
/// would be left.
pub(super) fn shown(name: &str) -> String {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let closes = |word: &&str| CLOSING_WORDS.contains(&word.to_lowercase().as_str());
    let bare = words.len() == 2 && DIRECTIONS.contains(&words[0].to_lowercase().as_str());
    if words.len() > 1 && words.last().is_some_and(closes) && !bare {
        words.pop();
    }
    words.join(" ")
}

/// Small letters and digits joined by hyphens; `place` where nothing of the kind is left.
pub(super) fn slug(name: &str) -> String {
    let spaced: String = without_accents(name)
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' })
        .collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join("-");
    if joined.is_empty() { "place".to_owned() } else { joined }
}

/// Letters for the tile of each place on a map, none of them twice: the beginning of the name, with the
/// beginnings of further words where names begin alike. Nothing where no three letters are left.
pub(super) fn tile_letters(names: &[&str]) -> Vec<Option<String>> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let each = names.iter().map(|name| {
        let letters = candidates(name).into_iter().find(|letters| !taken.contains(letters))?;
        taken.insert(letters.clone());
        Some(letters)
    });
    each.collect()
}

/// What a tile may say, best first; three letters fit it, four are the most.
fn candidates(name: &str) -> Vec<String> {
    let bare = without_accents(name).to_lowercase();
    let words: Vec<Vec<char>> = bare
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL_WORDS.contains(word))
        .map(|word| word.chars().collect())
        .collect();
    let Some((first, rest)) = words.split_first() else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    // "North Hill": NHI, NOH; "Hill": HIL, then on along the word.
    if let Some(last) = rest.last() {
        found.push(first.iter().take(1).chain(last.iter().take(2)).collect());
        found.push(first.iter().take(2).chain(last.iter().take(1)).collect());
        found.push(first.iter().take(3).chain(last.iter().take(1)).collect());
    }
    for third in first.iter().skip(2) {
        found.push(first.iter().take(2).chain([third]).collect());
    }
    for digit in '2'..='9' {
        found.push(first.iter().take(2).chain([&digit]).collect());
    }
    found.iter().map(|letters| letters.to_uppercase()).collect()
}

/// A text without accents. Letters of other scripts stay as they are.
pub(super) fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match bare_letter(letter) {
            Some(bare) => out.push_str(bare),
            // An accent that stands by itself after its letter.
            None if ('\u{300}'..='\u{36f}').contains(&letter) => {}
            None => out.push(letter),
        }
    }
    out
}

/// The letters of the alphabet that a letter with an accent is written with where there is none.
const fn bare_letter(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ạ' | 'ả' | 'ấ'..='ặ' => "a",
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'ç' | 'ć' | 'č' | 'ċ' => "c",
        'Ç' | 'Ć' | 'Č' | 'Ċ' => "C",
        'ď' | 'đ' => "d",
        'Ď' | 'Đ' => "D",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
        'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ğ' | 'ģ' => "g",
        'Ğ' | 'Ģ' => "G",
        'ì'..='ï' | 'ī' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
        'Ì'..='Ï' | 'Ī' | 'Į' | 'İ' => "I",
        'ł' | 'ľ' | 'ļ' => "l",
        'Ł' | 'Ľ' | 'Ļ' => "L",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'Ñ' | 'Ń' | 'Ň' | 'Ņ' => "N",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ŕ' | 'ř' => "r",
        'Ř' => "R",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'Ť' | 'Ţ' | 'Ț' => "T",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' | 'Ų' => "U",
        'ý' | 'ÿ' | 'ỳ'..='ỹ' => "y",
        'Ý' => "Y",
        'ź' | 'ž' | 'ż' => "z",
        'Ź' | 'Ž' | 'Ż' => "Z",
        'æ' => "ae",
        'Æ' => "Ae",
        'œ' => "oe",
        // Marks of letters that are written in Latin script with an apostrophe or with none.
        'ʻ' | 'ʼ' | '’' | '‘' => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_accents_and_closing_words() {
        assert_eq!(plain("Nariño department"), plain("NARINO"));
        assert_eq!(plain("Şırnak  Province"), "sirnak");
        assert!(!is_found("Nariño", "Narino"));
        assert!(is_found("Borno state", "Borno"));
    }

    #[test]
    fn a_name_for_people_has_no_closing_word_but_keeps_what_names() {
        assert_eq!(shown("Sulu province"), "Sulu");
        assert_eq!(shown("Northern province"), "Northern province");
        assert_eq!(shown("State"), "State");
    }

    #[test]
    fn tiles_have_letters_of_their_own() {
        let letters = tile_letters(&["North Hill", "North of the Hill", "Hill", "Hilt", "Ñu"]);
        let letters: Vec<&str> = letters.iter().flatten().map(String::as_str).collect();
        assert_eq!(letters, ["NHI", "NOH", "HIL", "HIT", "NU2"]);
    }

    #[test]
    fn an_identifier_has_plain_letters_only() {
        assert_eq!(slug("Tawi-Tawi (Não)"), "tawi-tawi-nao");
        assert_eq!(slug("北"), "place");
    }
}
