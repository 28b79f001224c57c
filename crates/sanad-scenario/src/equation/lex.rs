//! Equation text to tokens. White space and comments in braces separate tokens and are otherwise
//! passed over.

use crate::error::{Problem, ProblemKind, Span};
use crate::name::canonical_name;

/// The smallest parts of an equation.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Without a sign; a sign is an operator.
    Number(f64),
    /// Canonical, dots included.
    Name(String),
    /// One of [`SYMBOLS`].
    Symbol(&'static str),
    /// A word that cannot be a name unless it is quoted.
    Keyword(Keyword),
    End,
}

/// Words of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    If,
    Then,
    Else,
    And,
    Or,
    Not,
    Mod,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 24] = [
    "<>", "<=", ">=", "==", "!=", "//", "**", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",",
    ";", "<", ">", "=", "'", ":", "@",
];

/// All tokens with their places, ending in [`Token::End`].
///
/// # Errors
///
/// A character without meaning, a comment or quoted name that is not closed, a number too large.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Problem> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(character) = text[place..].chars().next() {
        let start = place;
        if character.is_whitespace() {
            place += character.len_utf8();
            continue;
        }
        if character == '{' {
            place = comment_end(text, place)?;
            continue;
        }
        let token = if starts_number(&text[place..]) {
            let length = number_length(&text[place..]);
            place += length;
            number(&text[start..place], Span::new(start, place))?
        } else if starts_name(character) {
            place = name_end(text, place)?;
            word(&text[start..place])
        } else {
            let symbol = SYMBOLS.iter().find(|symbol| text[place..].starts_with(**symbol));
            let Some(symbol) = symbol else {
                let message = format!("{character:?} has no meaning in an equation");
                let span = Span::new(start, start + character.len_utf8());
                return Err(Problem::new(ProblemKind::Syntax, message).at(span));
            };
            place += symbol.len();
            Token::Symbol(symbol)
        };
        found.push((token, Span::new(start, place)));
    }
    found.push((Token::End, Span::new(text.len(), text.len())));
    Ok(found)
}

/// The places where two numbers are joined by a comma without a space, as in a number with a comma
/// for its point. Nothing of a text that cannot be read.
pub(crate) fn decimal_commas(text: &str) -> Vec<Span> {
    let tokens = tokens(text).unwrap_or_default();
    let joined = |three: &[(Token, Span)]| match three {
        [(Token::Number(_), left), (Token::Symbol(","), comma), (Token::Number(_), right)] => {
            (left.end == comma.start && comma.end == right.start).then(|| left.to(*right))
        }
        _ => None,
    };
    tokens.windows(3).filter_map(joined).collect()
}

/// Whether a text holds nothing but white space and comments, as Stella writes the equation of an
/// input that comes from elsewhere. A comment that is not closed is no blank.
pub(crate) fn is_blank(text: &str) -> bool {
    let mut rest = text.trim_start();
    while rest.starts_with('{') {
        match rest.find('}') {
            Some(end) => rest = rest[end + 1..].trim_start(),
            None => return false,
        }
    }
    rest.is_empty()
}

/// Where a comment in braces ends.
fn comment_end(text: &str, place: usize) -> Result<usize, Problem> {
    text[place..].find('}').map(|length| place + length + 1).ok_or_else(|| {
        let span = Span::new(place, place + 1);
        Problem::new(ProblemKind::Syntax, "the comment is never closed with }").at(span)
    })
}

/// Whether a number begins here.
fn starts_number(text: &str) -> bool {
    let mut characters = text.chars();
    match characters.next() {
        Some('0'..='9') => true,
        Some('.') => matches!(characters.next(), Some('0'..='9')),
        _ => false,
    }
}

/// Whether a name can begin with a character.
fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '_' | '"' | '.' | '$')
        || character > '\u{7f}'
}

/// Bytes of the number at the start. Digits, perhaps a point with more, perhaps an exponent. An `e`
/// without digits behind it belongs to what follows.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// A number's token.
fn number(text: &str, span: Span) -> Result<Token, Problem> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    value.map(Token::Number).ok_or_else(|| {
        let message = format!("{text} is not a number that can be held");
        Problem::new(ProblemKind::Syntax, message).at(span)
    })
}

/// The end of a name that may be quoted in parts and joined by dots. Letters of any script, digits,
/// `_`, `$` and dots; a dot before a star ends the name, as in `Dimension.*`.
fn name_end(text: &str, mut place: usize) -> Result<usize, Problem> {
    while let Some(character) = text[place..].chars().next() {
        if character == '"' {
            place = quote_end(text, place)?;
        } else if character.is_ascii_alphanumeric()
            || matches!(character, '_' | '$' | '.')
            || (character > '\u{7f}' && !character.is_whitespace())
            || character == '\u{a0}'
        {
            place += character.len_utf8();
            if character == '.' && text[place..].starts_with('*') {
                return Ok(place);
            }
        } else {
            break;
        }
    }
    Ok(place)
}

/// Where a quoted name ends.
fn quote_end(text: &str, place: usize) -> Result<usize, Problem> {
    let mut escaped = false;
    for (offset, character) in text[place + 1..].char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(place + 1 + offset + 1),
            _ => {}
        }
    }
    let span = Span::new(place, place + 1);
    Err(Problem::new(ProblemKind::Syntax, "the quoted name is never closed with \"").at(span))
}

/// A keyword, or a name.
fn word(text: &str) -> Token {
    let keyword = match text.to_ascii_lowercase().as_str() {
        "if" => Keyword::If,
        "then" => Keyword::Then,
        "else" => Keyword::Else,
        "and" => Keyword::And,
        "or" => Keyword::Or,
        "not" => Keyword::Not,
        "mod" => Keyword::Mod,
        _ => return Token::Name(qualified(text)),
    };
    Token::Keyword(keyword)
}

/// Canonical form of a name whose parts may be quoted: `Sub."a b"` is `sub.a_b`.
fn qualified(text: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let end = if rest.starts_with('"') { quote_end(rest, 0).unwrap_or(rest.len()) } else { 0 };
        let end = rest[end..].find('.').map_or(rest.len(), |dot| end + dot);
        parts.push(canonical_name(&rest[..end]));
        if end >= rest.len() {
            return parts.join(".");
        }
        rest = &rest[end + 1..];
    }
}
