//! Records as Arrow tables, and tables as Parquet files. The same table gives the same bytes on any
//! number of threads; the version of the program is in the file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, UInt8Array, UInt32Array,
};
use datafusion::arrow::datatypes::{Field, Int32Type, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use datafusion::parquet::basic::Compression;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::parquet::file::writer::SerializedFileWriter;
use indexmap::IndexMap;
use rayon::prelude::*;
use sanad_core::Month;
use sanad_core::diagnostic::Diagnostic;
use sanad_core::event::{Events, Words, number_day};
use sanad_core::place::priogrid_gid;
use sanad_core::side::kept_name;

use crate::durable;
use crate::error::Result;
use crate::hash::Digest;

/// Builds a table column by column; every column may hold nulls unless its type forbids them.
/// Columns stand in the order in which they are added; two of one name are not refused here.
///
/// ```
/// let table = sanad_store::Columns::default()
///     .text("place", [Some("Quetta"), Some("Peshawar")])
///     .int64("events", vec![3, 4])
///     .float64("share", vec![Some(0.25), None])
///     .finish()?;
/// assert_eq!((table.num_rows(), table.num_columns()), (2, 3));
/// # Ok::<(), sanad_store::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    /// Adds a column of any type.
    pub(crate) fn add(mut self, name: &str, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(array);
        self
    }

    /// Adds a column of texts. `None` is a missing value, and not the same as an empty text.
    #[must_use]
    pub fn text<T: AsRef<str>>(
        self,
        name: &str,
        values: impl IntoIterator<Item = Option<T>>,
    ) -> Self {
        self.add(name, Arc::new(values.into_iter().collect::<StringArray>()))
    }

    /// Adds a column of whole numbers of 32 bits.
    #[must_use]
    pub fn int32(self, name: &str, values: impl Into<Int32Array>) -> Self {
        self.add(name, Arc::new(values.into()))
    }

    /// Adds a column of whole numbers of 64 bits.
    #[must_use]
    pub fn int64(self, name: &str, values: impl Into<Int64Array>) -> Self {
        self.add(name, Arc::new(values.into()))
    }

    /// Adds a column of numbers of double precision. NaN is a value; a missing one is `None`.
    #[must_use]
    pub fn float64(self, name: &str, values: impl Into<Float64Array>) -> Self {
        self.add(name, Arc::new(values.into()))
    }

    /// Adds a column of days since 1970-01-01.
    #[must_use]
    pub fn date(self, name: &str, values: impl Into<Date32Array>) -> Self {
        self.add(name, Arc::new(values.into()))
    }

    /// Adds a column of truth values.
    #[must_use]
    pub fn flag(self, name: &str, values: impl Into<BooleanArray>) -> Self {
        self.add(name, Arc::new(values.into()))
    }

    /// The table.
    ///
    /// # Errors
    ///
    /// [`Error::Query`](crate::Error::Query) when the columns differ in length.
    pub fn finish(self) -> Result<RecordBatch> {
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)?)
    }
}

/// Writes a table durably as one Parquet file, with `notes` as key-value metadata, and says what
/// was written.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when it cannot be written.
pub(crate) fn write_parquet(
    path: &Path,
    batch: &RecordBatch,
    notes: &[(&str, &str)],
) -> Result<Digest> {
    durable::replace(path, |file| encode_parquet(file, batch, notes))
}

/// Rows of a row group: enough groups for readers to share out, few enough to compress well.
/// 131,072.
pub(crate) const GROUP_ROWS: usize = 1 << 17;

/// Encodes a table as Parquet: Snappy, dictionaries where texts repeat.
///
/// Columns are encoded side by side and appended in order, so that the bytes do not depend on the
/// number of threads. Tables have no nested columns, so that each is one leaf.
pub(crate) fn encode_parquet(
    out: impl Write + Send,
    batch: &RecordBatch,
    notes: &[(&str, &str)],
) -> Result<()> {
    let mut file = GroupWriter::new(out, &batch.schema(), notes)?;
    for start in (0..batch.num_rows()).step_by(GROUP_ROWS) {
        file.add(&batch.slice(start, GROUP_ROWS.min(batch.num_rows() - start)))?;
    }
    file.finish().map(drop)
}

/// A Parquet file that is written row group by row group.
pub(crate) struct GroupWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: ArrowRowGroupWriterFactory,
    groups: usize,
}

impl<W: Write + Send> GroupWriter<W> {
    /// Begins a file of tables with this schema, with `notes` as key-value metadata.
    pub(crate) fn new(out: W, schema: &SchemaRef, notes: &[(&str, &str)]) -> Result<Self> {
        let writer = ArrowWriter::try_new(out, Arc::clone(schema), Some(properties(notes)))?;
        let (file, columns) = writer.into_serialized_writer()?;
        Ok(Self { file, columns, groups: 0 })
    }

    /// Writes rows as one group.
    pub(crate) fn add(&mut self, rows: &RecordBatch) -> Result<()> {
        let chunks = encode_columns(rows, self.columns.create_column_writers(self.groups)?)?;
        let mut written = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut written)?;
        }
        written.close()?;
        self.groups += 1;
        Ok(())
    }

    /// Writes the end of the file and gives back where it was written.
    pub(crate) fn finish(self) -> Result<W> {
        let mut out = self.file.into_inner()?;
        out.flush().map_err(ParquetError::from)?;
        Ok(out)
    }
}

/// Encodes the columns of a row group, each by its writer. One writer for each column, in their
/// order.
pub(crate) fn encode_columns(
    rows: &RecordBatch,
    writers: impl IntoIterator<Item = ArrowColumnWriter>,
) -> Result<Vec<ArrowColumnChunk>> {
    let writers: Vec<_> = writers.into_iter().enumerate().collect();
    let chunks = writers.into_par_iter().map(|(position, mut writer)| {
        for leaf in compute_leaves(rows.schema().field(position), rows.column(position))? {
            writer.write(&leaf)?;
        }
        writer.close()
    });
    Ok(chunks.collect::<core::result::Result<Vec<_>, _>>()?)
}

/// How every file is encoded, with `notes` as its key-value metadata.
pub(crate) fn properties(notes: &[(&str, &str)]) -> WriterProperties {
    let notes: Vec<KeyValue> =
        notes.iter().map(|&(key, value)| KeyValue::new(key.to_owned(), value.to_owned())).collect();
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // Numbers that never repeat: a dictionary would be built and thrown away.
        .set_column_dictionary_enabled("event_id".into(), false)
        .set_column_dictionary_enabled("source_row".into(), false)
        .set_created_by(format!("sanad {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(notes))
        .build()
}

/// Where a source says that something happened: everything that decides its placing. Coordinates by
/// their bits, so that keys can be compared and hashed; names by their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct LocationKey {
    country: i32,
    adm1: u32,
    adm2: u32,
    where_prec: u8,
    latitude: u64,
    longitude: u64,
}

/// A row of the location table. Coordinates in degrees, NaN where there are none; names empty where
/// there are none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocationRow {
    pub(crate) id: i64,
    pub(crate) country_id: i32,
    pub(crate) adm1: String,
    pub(crate) adm2: String,
    pub(crate) where_prec: u8,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// The place itself, for records that come with one.
    pub(crate) place_id: Option<String>,
}

impl LocationRow {
    /// A stable identifier of the location's content within a series. The same in every release of
    /// the series, and on every machine.
    pub(crate) fn identify(&mut self, series: &str) {
        let place = self.place_id.as_deref().unwrap_or_default();
        let texts = [series, &self.adm1, &self.adm2, place].into_iter();
        let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
        let numbers = [
            i64::from(self.country_id) as u64,
            u64::from(self.where_prec),
            self.latitude.to_bits(),
            self.longitude.to_bits(),
        ];
        let all = bytes.chain(numbers.into_iter().flat_map(u64::to_le_bytes));
        // FNV-1a, 64 bits.
        self.id = all.fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }) as i64;
    }
}

/// The distinct locations of events, in order of first appearance, and the one of each event.
pub(crate) fn locations(events: &Events, series: &str) -> (Vec<LocationRow>, Vec<i64>) {
    let mut known: IndexMap<LocationKey, i64> = IndexMap::new();
    let mut rows = Vec::new();
    let ids = (0..events.len())
        .map(|at| {
            let key = LocationKey {
                country: events.country_id[at],
                adm1: events.adm1.codes[at],
                adm2: events.adm2.codes[at],
                where_prec: events.where_prec[at],
                latitude: events.latitude[at].to_bits(),
                longitude: events.longitude[at].to_bits(),
            };
            *known.entry(key).or_insert_with(|| {
                let mut row = LocationRow {
                    id: 0,
                    country_id: events.country_id[at],
                    adm1: events.adm1.get(at).to_owned(),
                    adm2: events.adm2.get(at).to_owned(),
                    where_prec: events.where_prec[at],
                    latitude: events.latitude[at],
                    longitude: events.longitude[at],
                    place_id: None,
                };
                row.identify(series);
                let id = row.id;
                rows.push(row);
                id
            })
        })
        .collect();
    (rows, ids)
}

/// Locations as a table; a missing coordinate or name is null.
pub(crate) fn location_table(rows: &[LocationRow]) -> Result<RecordBatch> {
    let number = |value: f64| Some(value).filter(|value| value.is_finite());
    Columns::default()
        .int64("location_id", rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .int32("country_id", rows.iter().map(|row| row.country_id).collect::<Vec<_>>())
        .text("adm1", rows.iter().map(|row| filled(&row.adm1)))
        .text("adm2", rows.iter().map(|row| filled(&row.adm2)))
        .add("where_prec", Arc::new(rows.iter().map(|row| row.where_prec).collect::<UInt8Array>()))
        .float64("latitude", rows.iter().map(|row| number(row.latitude)).collect::<Vec<_>>())
        .float64("longitude", rows.iter().map(|row| number(row.longitude)).collect::<Vec<_>>())
        .text("place_id", rows.iter().map(|row| row.place_id.as_deref()))
        .finish()
}

/// A text, if it is not empty.
pub(crate) fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Repeating texts as a dictionary column; the empty text is null.
fn dictionary(words: &Words) -> Result<ArrayRef> {
    let codes: Int32Array =
        words.codes.iter().map(|&code| (code != 0).then_some(code as i32)).collect();
    let values: StringArray = words.values.iter().map(|value| Some(value.as_str())).collect();
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes, Arc::new(values))?))
}

/// Numbers of sides and conflicts; those below zero, which stand for none, are null.
fn known_ids(values: &[i64]) -> Int64Array {
    values.iter().map(|&id| (id >= 0).then_some(id)).collect()
}

/// The month of each day.
fn months(days: &[i32]) -> Vec<i32> {
    // Days repeat in long runs; the calendar is asked only when one changes.
    let mut last = (i32::MIN, 0);
    days.iter()
        .map(|&day| {
            if day != last.0 {
                last = (day, Month::from_date(number_day(day)).id());
            }
            last.1
        })
        .collect()
}

/// Events of one source version as a table, with the location of each. `priogrid_gid` is the cell
/// of the point, however coarsely the point is known; it is null without one. `positions` are the numbers
/// of the names of `side_a` and `side_b` among those of the file, by their codes.
pub(crate) fn event_table(
    events: Events,
    location_ids: Vec<i64>,
    positions: [&[usize]; 2],
) -> Result<RecordBatch> {
    let rows = events.len();
    let cells: Int32Array = (0..events.len())
        .map(|at| priogrid_gid(events.latitude[at], events.longitude[at]))
        .collect();
    let (month_start, month_end) = (months(&events.start_day), months(&events.end_day));
    let means = events.means.as_ref().map(dictionary).transpose()?;
    let columns = Columns::default()
        .int64("event_id", events.id)
        .add("source_row", Arc::new(UInt32Array::from(events.row)))
        .date("date_start", events.start_day)
        .date("date_end", events.end_day)
        .add("date_prec", Arc::new(UInt8Array::from(events.date_prec)))
        .int32("month_start", month_start)
        .int32("month_end", month_end)
        .add("type_of_violence", Arc::new(UInt8Array::from(events.violence)))
        .int64("conflict_id", known_ids(&events.conflict_id))
        .int64("dyad_id", known_ids(&events.dyad_id))
        .int64("side_a_id", known_ids(&events.side_a_id))
        .add("side_a", dictionary(&kept_sides(&events.side_a, &events.side_a_id, positions[0]))?)
        .int64("side_b_id", known_ids(&events.side_b_id))
        .add("side_b", dictionary(&kept_sides(&events.side_b, &events.side_b_id, positions[1]))?)
        .int32("country_id", events.country_id)
        .add("country", dictionary(&events.country)?)
        .int64("location_id", location_ids)
        .add("where_prec", Arc::new(UInt8Array::from(events.where_prec)))
        .int32("priogrid_gid", cells)
        .int64("events", vec![1_i64; rows])
        .int32("deaths_a", events.deaths_a)
        .int32("deaths_b", events.deaths_b)
        .int32("deaths_civilians", events.deaths_civilians)
        .int32("deaths_unknown", events.deaths_unknown)
        .int32("deaths_low", events.deaths_low)
        .int32("deaths_best", events.deaths_best)
        .int32("deaths_high", events.deaths_high);
    // Sources that code no means of attack have no such column: their files stay as they were.
    match means {
        Some(means) => columns.add("means", means).finish(),
        None => columns.finish(),
    }
}

/// The names under which sides are kept: none that may be a person's.
fn kept_sides(names: &Words, ids: &[i64], positions: &[usize]) -> Words {
    let mut kept = Words { codes: Vec::with_capacity(names.codes.len()), ..Words::default() };
    // A name may stand beside several numbers, and a number beside several names.
    let mut codes = BTreeMap::new();
    let mut texts = BTreeMap::from([(String::new(), 0)]);
    for (&name, &id) in names.codes.iter().zip(ids) {
        let code = *codes.entry((name, id)).or_insert_with(|| {
            let known = (id >= 0).then_some(id);
            let text = kept_name(&names.values[name as usize], known, positions[name as usize]);
            *texts.entry(text).or_insert_with_key(|text| {
                kept.values.push(text.clone());
                kept.values.len() as u32 - 1
            })
        });
        kept.codes.push(code);
    }
    kept
}

/// Diagnostics as a table. One row each, in the order of the file: row, column, issue, what was
/// found and expected, and whether the row was kept.
pub(crate) fn diagnostic_table(diagnostics: &[Diagnostic]) -> Result<RecordBatch> {
    Columns::default()
        .int64("source_row", diagnostics.iter().map(|d| d.row as i64).collect::<Vec<_>>())
        .text("column", diagnostics.iter().map(|d| Some(&d.column)))
        .text("issue", diagnostics.iter().map(|d| Some(d.issue.as_str())))
        .text("found", diagnostics.iter().map(|d| Some(&d.found)))
        .text("expected", diagnostics.iter().map(|d| Some(&d.expected)))
        .flag("kept", diagnostics.iter().map(|d| d.kept).collect::<Vec<_>>())
        .finish()
}
