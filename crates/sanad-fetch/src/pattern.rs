//! Names with a star for what varies.

/// A name in which `*` stands for any text; capitals do not matter, because publishers vary them.
#[derive(Debug, Clone)]
pub(crate) struct NamePattern {
    parts: Vec<String>,
}

impl NamePattern {
    pub(crate) fn new(text: &str) -> Self {
        Self { parts: text.to_lowercase().split('*').map(str::to_owned).collect() }
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let Some((first, rest)) = self.parts.split_first() else { return false };
        let Some(mut left) = name.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
        for part in middle {
            let Some(found) = left.find(part.as_str()) else { return false };
            left = &left[found + part.len()..];
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_what_varies_and_capitals_do_not_matter() {
        let matches = |pattern: &str, name: &str| NamePattern::new(pattern).matches(name);
        assert!(matches("GEDEvent_v*.csv", "GEDevent_v26_1.CSV"));
        assert!(matches("API_*_DS2_*.csv", "API_SP.POP.TOTL_DS2_en_csv_v2_1.csv"));
        assert!(matches("*", "anything"));
        assert!(matches("a.csv", "a.csv"));
        assert!(!matches("a.csv", "a.csv.bak"));
        assert!(!matches("API_*_DS2_*.csv", "Metadata_API_x_DS2_y.csv"));
        assert!(!matches("ab*ba", "aba"));
    }
}
