//! Small tables in the form of UCDP GED, to be changed at will.

/// The columns that a record needs, and one that it does not.
pub(crate) const COLUMNS: [&str; 26] = [
    "id",
    "type_of_violence",
    "conflict_new_id",
    "dyad_new_id",
    "side_a_new_id",
    "side_a",
    "side_b_new_id",
    "side_b",
    "source_headline",
    "where_prec",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "country",
    "country_id",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
];

const VALUES: [&str; 26] = [
    "1",
    "1",
    "404",
    "854",
    "141",
    "Side A",
    "325",
    "Side B",
    "a headline",
    "1",
    "A province",
    "A district",
    "32.5",
    "69.8",
    "Somewhere",
    "770",
    "1",
    "2010-03-31",
    "2010-04-01",
    "1",
    "2",
    "0",
    "0",
    "3",
    "5",
    "3",
];

/// A table of text fields.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// `count` good rows with ids from 1.
    pub(crate) fn of(count: usize) -> Self {
        let row = |id: usize| {
            let mut row: Vec<String> = VALUES.iter().map(|value| (*value).to_owned()).collect();
            row[0] = id.to_string();
            row
        };
        Self {
            header: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            rows: (1..=count).map(row).collect(),
        }
    }

    /// Sets a field of the row at `at`, counted from 0.
    pub(crate) fn with(mut self, at: usize, column: &str, value: &str) -> Self {
        let column = self.column(column);
        self.rows[at][column] = value.to_owned();
        self
    }

    pub(crate) fn renamed(mut self, column: &str, name: &str) -> Self {
        let at = self.column(column);
        self.header[at] = name.to_owned();
        self
    }

    pub(crate) fn without(mut self, column: &str) -> Self {
        let at = self.column(column);
        self.header.remove(at);
        self.rows.iter_mut().for_each(|row| {
            row.remove(at);
        });
        self
    }

    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|have| have == name).expect("a column of the table")
    }

    pub(crate) fn text(&self) -> String {
        let lines = core::iter::once(&self.header).chain(&self.rows);
        lines.map(|line| line.join(",") + "\n").collect()
    }
}
