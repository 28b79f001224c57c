//! The data of a figure as RFC 4180 CSV.

/// Rows of cells, quoted where they must be, as RFC 4180 has it.
///
/// ```
/// use sanad_figure::Csv;
///
/// let mut csv = Csv::new(&["place", "deaths"]);
/// csv.row(["North, upper".to_owned(), sanad_figure::cell(Some(0.5))]);
/// csv.row(["South".to_owned(), sanad_figure::cell(None)]);
/// assert_eq!(csv.finish(), "place,deaths\r\n\"North, upper\",0.5\r\nSouth,\r\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Csv {
    text: String,
}

impl Csv {
    /// A table with its header row.
    pub fn new(header: &[&str]) -> Self {
        let mut csv = Csv::default();
        csv.row(header.iter().map(|h| (*h).to_owned()));
        csv
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().map(|c| quote(&c)).collect();
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    /// The whole text, rows ended by CR LF.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A number in its shortest exact form; a missing value is an empty cell.
pub fn cell(value: Option<f64>) -> String {
    value.map_or(String::new(), |v| format!("{v}"))
}

/// A cell of RFC 4180: in quotation marks where it holds a comma, a quotation mark or a line end.
fn quote(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(["x,y".to_owned(), "say \"no\"".to_owned()]);
        assert_eq!(csv.finish(), "a,b\r\n\"x,y\",\"say \"\"no\"\"\"\r\n");
    }

    #[test]
    fn numbers_read_back_exactly_and_missing_is_empty() {
        assert_eq!(cell(Some(0.1 + 0.2)).parse::<f64>(), Ok(0.1 + 0.2));
        assert_eq!(cell(None), "");
    }
}
