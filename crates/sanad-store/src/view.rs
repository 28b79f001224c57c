//! Reading a finished table: names, texts and numbers of its columns, for doors that list or draw
//! what they did not compute.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::Table;
use crate::error::Result;

/// A table as a reader sees it.
///
/// ```
/// use sanad_store::{Columns, View};
///
/// let table = Columns::default()
///     .text("place", [Some("Quetta"), None])
///     .int64("events", vec![3, 4])
///     .finish()?;
/// let view = View::new(&table);
/// assert_eq!(view.texts("place"), Some(vec![Some("Quetta".to_owned()), None]));
/// assert_eq!(view.numbers("events"), Some(vec![Some(3.0), Some(4.0)]));
/// assert_eq!(view.numbers("deaths"), None);
/// # Ok::<(), sanad_store::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    table: &'a Table,
}

/// A column's name and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// "text", "whole number", "number", "date", "truth value", or the engine's own name of the type.
    pub holds: String,
    /// Whether it holds numbers.
    pub is_number: bool,
}

impl<'a> View<'a> {
    /// Looks at a table. Nothing is copied.
    #[must_use]
    pub const fn new(table: &'a Table) -> Self {
        Self { table }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.table.num_rows()
    }

    /// The columns, in order. With what each holds in plain words.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnInfo> {
        let schema = self.table.schema();
        let info = |field: &datafusion::arrow::datatypes::FieldRef| ColumnInfo {
            name: field.name().clone(),
            holds: holds(field.data_type()),
            is_number: field.data_type().is_numeric(),
        };
        schema.fields().iter().map(info).collect()
    }

    /// A column as texts, null where there is none; nothing when there is no such column. Numbers
    /// and dates are written as texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<Option<String>>> {
        let column = cast(self.table.column_by_name(name)?, &DataType::Utf8).ok()?;
        let texts = column.as_string_opt::<i32>()?;
        Some(texts.iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// A column as numbers, null where there is none; nothing when there is no such column, or it
    /// holds no numbers. Whole numbers beyond 2⁵³ lose their last digits.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let column = self.table.column_by_name(name)?;
        if !column.data_type().is_numeric() {
            return None;
        }
        let column = cast(column, &DataType::Float64).ok()?;
        Some(column.as_primitive_opt::<Float64Type>()?.iter().collect())
    }

    /// Rows from `first` on, at most `most`, each cell as its text; null where it is missing. Fewer
    /// at the end, and none beyond it.
    ///
    /// # Errors
    ///
    /// [`Error::Query`](crate::Error::Query) for a type that has no text.
    pub fn cells(&self, first: usize, most: usize) -> Result<Vec<Vec<Option<String>>>> {
        let options = FormatOptions::default();
        let columns = self
            .table
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<core::result::Result<Vec<_>, _>>()?;
        let arrays = self.table.columns();
        let row = |row: usize| {
            let cells = columns.iter().zip(arrays);
            cells
                .map(|(text, array)| array.is_valid(row).then(|| text.value(row).to_string()))
                .collect()
        };
        let end = self.rows().min(first.saturating_add(most));
        Ok((first.min(end)..end).map(row).collect())
    }
}

/// What a type holds, in the words of [`ColumnInfo::holds`].
fn holds(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Dictionary(_, values) => holds(values),
        DataType::Boolean => "truth value".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        kind if kind.is_integer() => "whole number".to_owned(),
        kind if kind.is_numeric() => "number".to_owned(),
        other => other.to_string(),
    }
}
