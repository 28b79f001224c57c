//! What a user's own statement may use: time, memory and depth.
//!
//! A statement is the one thing here that may be anybody's. It can only read, but it could ask for
//! a join of everything with everything. Before it is planned its length and depth are bounded,
//! since the planner calls itself once for each level; while it runs, time and memory are.

use std::time::{Duration, Instant};

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{Error, Result};

/// What a statement may use. An answer that needs more is an error that says which bound it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementLimits {
    /// Memory in mebibytes. Sorting and grouping go on with files in the system's temporary folder
    /// when they meet it; joins and the rows of the answer cannot. By default 2,048.
    pub memory_mib: u32,
    /// Time in seconds. Planning counts; making the tables that it names, such as a panel, does
    /// not. By default 300.
    pub seconds: u32,
}

impl Default for StatementLimits {
    fn default() -> Self {
        Self { memory_mib: 2048, seconds: 300 }
    }
}

impl StatementLimits {
    /// The memory in bytes.
    pub(crate) const fn memory_bytes(&self) -> usize {
        (self.memory_mib as usize) << 20
    }

    /// An error that says what met the bound of memory.
    pub(crate) fn too_large(&self, what: &'static str) -> Error {
        let (found, bound) = ("more".to_owned(), format!("{} MiB of memory", self.memory_mib));
        Error::TooLarge { what, found, bound }
    }
}

/// Looks now and then whether a statement that runs keeps to its limits.
///
/// The engine counts the memory of its tables, not that of a single value, which a function can
/// make as long as it likes; so what the whole program holds is looked at as well.
pub(crate) struct Watch {
    limits: StatementLimits,
    started: Instant,
    /// What the program held at the start; none where the system does not say.
    resident: Option<u64>,
}

impl Watch {
    /// How often to look.
    pub(crate) const INTERVAL: Duration = Duration::from_millis(25);

    /// Begins to count now.
    pub(crate) fn start(limits: &StatementLimits) -> Self {
        Self { limits: *limits, started: Instant::now(), resident: resident_bytes() }
    }

    /// Whether the statement may go on.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] when its time is over, or the program has grown by more than twice the
    /// memory allowed.
    pub(crate) fn check(&self, now: Instant) -> Result<()> {
        let seconds = u64::from(self.limits.seconds);
        if now.duration_since(self.started) >= Duration::from_secs(seconds) {
            return Err(Error::TooLarge {
                what: "the time for the statement",
                found: "more".to_owned(),
                bound: format!("{seconds} s"),
            });
        }
        let grown = resident_bytes().zip(self.resident).map(|(now, then)| now.saturating_sub(then));
        // Twice the bound: the engine's own count is the finer one and should come first.
        if grown.is_some_and(|grown| grown > 2 * self.limits.memory_bytes() as u64) {
            return Err(self.limits.too_large("the values of the statement"));
        }
        Ok(())
    }
}

/// Memory that this program holds, where the system says it in a file.
fn resident_bytes() -> Option<u64> {
    // statm counts pages of 4 KiB; where pages are larger, the bound is met later.
    const PAGE_BYTES: u64 = 4096;
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split_whitespace().nth(1)?.parse::<u64>().ok()? * PAGE_BYTES)
}

/// Bytes of a statement. 1 MiB.
const MAX_TEXT: usize = 1 << 20;

/// Operators, joins, unions and selects of a statement. A chain of them is planned as deep as it is
/// long; a list of values, as after IN, is not deep and may be as long as the text.
const MAX_STEPS: u64 = 500;

/// Selects of a statement once each name that WITH defines is put in where it is used. Ten names
/// that each use the one before twice are a thousand selects.
const MAX_EXPANDED: u64 = 5_000;

/// Refuses a statement that is too long or too deep, before anything walks down its tree.
///
/// # Errors
///
/// [`Error::TooLarge`] with the bound; [`Error::Statement`] for a function that has none. A text that has no tokens is left to the planner's own
/// words.
pub(crate) fn check_statement(sql: &str) -> Result<()> {
    let too_large = |what, found: u64, bound: u64| {
        Err(Error::TooLarge { what, found: found.to_string(), bound: bound.to_string() })
    };
    if sql.len() > MAX_TEXT {
        return too_large("bytes of the statement", sql.len() as u64, MAX_TEXT as u64);
    }
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return Ok(()) };
    let tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    if let Some(name) = endless(&tokens) {
        let reason = format!("the function {name} is not offered: its value may be of any length");
        return Err(Error::Statement { source: Box::new(DataFusionError::Plan(reason)) });
    }
    let steps = Steps::default().count(&tokens);
    if steps > MAX_STEPS {
        return too_large("operators, joins and selects of the statement", steps, MAX_STEPS);
    }
    let expanded = expanded(&tokens);
    if expanded > MAX_EXPANDED {
        return too_large("selects of the statement, with those of WITH", expanded, MAX_EXPANDED);
    }
    Ok(())
}

/// A function whose value can be longer than memory, whatever it is given.
fn endless(tokens: &[Token]) -> Option<&str> {
    tokens.windows(2).find_map(|pair| match pair {
        [Token::Word(word), Token::LParen] if word.value.eq_ignore_ascii_case("repeat") => {
            Some(word.value.as_str())
        }
        _ => None,
    })
}

/// Counts what makes a plan deep.
#[derive(Default)]
struct Steps {
    count: u64,
    /// For each open parenthesis, whether a list of tables stood before it.
    outer: Vec<bool>,
    /// Whether the last keyword began a list of tables.
    in_tables: bool,
}

impl Steps {
    /// The steps of a statement.
    fn count(mut self, tokens: &[Token]) -> u64 {
        for token in tokens {
            self.see(token);
        }
        self.count
    }

    /// Counts one token. A comma counts only between tables, where it is a join.
    fn see(&mut self, token: &Token) {
        match token {
            Token::LParen => {
                self.outer.push(self.in_tables);
                self.in_tables = false;
                self.count += 1;
            }
            Token::RParen => self.in_tables = self.outer.pop().unwrap_or_default(),
            Token::Comma => self.count += u64::from(self.in_tables),
            Token::Word(word) => self.see_word(word.keyword),
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Period | Token::SemiColon => {
            }
            _ => self.count += 1,
        }
    }

    /// Counts a keyword that makes a plan deeper, and keeps track of whether tables are being
    /// listed.
    fn see_word(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::FROM => self.in_tables = true,
            Keyword::WHERE | Keyword::GROUP | Keyword::ORDER | Keyword::HAVING | Keyword::LIMIT => {
                self.in_tables = false;
            }
            Keyword::SELECT | Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => {
                self.in_tables = false;
                self.count += 1;
            }
            Keyword::AND
            | Keyword::OR
            | Keyword::NOT
            | Keyword::JOIN
            | Keyword::CASE
            | Keyword::CAST
            | Keyword::IS
            | Keyword::IN
            | Keyword::LIKE
            | Keyword::BETWEEN => self.count += 1,
            _ => {}
        }
    }
}

/// Selects of a statement with each name of WITH counted as often as it is used. A name that is
/// used before it is defined, as in a recursive one, counts as nothing.
fn expanded(tokens: &[Token]) -> u64 {
    let word = |token: &Token| match token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    };
    let mut sizes: Vec<(String, u64)> = Vec::new();
    // Bodies that are open: the name, the depth of its parenthesis, and the size so far.
    let mut open: Vec<(String, usize, u64)> = vec![(String::new(), 0, 0)];
    let mut depth = 0;
    for (position, token) in tokens.iter().enumerate() {
        match token {
            Token::LParen => {
                depth += 1;
                if let [.., name, before] = &tokens[..position]
                    && word(before).as_deref() == Some("as")
                    && let Some(name) = word(name)
                {
                    open.push((name, depth, 0));
                }
            }
            Token::RParen => {
                if open.last().is_some_and(|body| body.1 == depth && depth > 0)
                    && let Some((name, _, size)) = open.pop()
                {
                    sizes.push((name, size.max(1)));
                }
                depth = depth.saturating_sub(1);
            }
            Token::Word(_) => {
                let name = word(token).unwrap_or_default();
                let known = sizes.iter().rev().find(|(known, _)| *known == name);
                let size = known.map_or(u64::from(name == "select"), |(_, size)| *size);
                if let Some(body) = open.last_mut() {
                    body.2 = body.2.saturating_add(size);
                }
            }
            _ => {}
        }
    }
    open.into_iter().fold(0, |sum, (_, _, size)| sum.saturating_add(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(sql: &str) -> bool {
        matches!(check_statement(sql), Err(Error::TooLarge { .. }))
    }

    #[test]
    fn chains_are_bounded_and_lists_are_not() {
        let chain = |one: &str, with: &str, count: usize| vec![one; count].join(with);
        let select = |condition: &str| format!("SELECT 1 FROM events WHERE {condition}");
        for (one, with) in [("a = 1", " OR "), ("a", " + "), ("(a)", " AND ")] {
            assert!(refused(&select(&chain(one, with, 3_000))), "{one}{with}");
            assert!(!refused(&select(&chain(one, with, 100))), "{one}{with}");
        }
        assert!(refused(&chain("SELECT 1", " UNION ALL ", 1_000)));
        assert!(refused(&format!("SELECT 1 FROM {}", chain("events", ", ", 1_000))));
        assert!(refused(&format!("SELECT {}1{}", "(".repeat(1_000), ")".repeat(1_000))));
        let list: Vec<String> = (0..20_000).map(|id| id.to_string()).collect();
        assert!(!refused(&select(&format!("event_id IN ({})", list.join(", ")))));
    }

    #[test]
    fn names_that_double_what_they_are_made_of_are_bounded() {
        let mut sql = "WITH a0 AS (SELECT 1 AS x)".to_owned();
        for number in 1..20 {
            let before = number - 1;
            sql.push_str(&format!(
                ", a{number} AS (SELECT l.x FROM a{before} l CROSS JOIN a{before} r)"
            ));
        }
        assert!(refused(&format!("{sql} SELECT * FROM a19")));
        let three = "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a, a y) SELECT * FROM b, b z";
        assert!(!refused(three));
    }
}
