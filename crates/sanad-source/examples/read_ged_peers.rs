//! How long the reader of UCDP GED takes beside the `csv` crate and Arrow's reader on one file.
//!
//! `cargo run --release -p sanad-source --example read_ged_peers -- FILE [COPIES]` reads the file's
//! rows as often as asked for, each copy under identifiers of its own, from memory. The peers only cut
//! rows into fields (`csv`) or give columns of numbers and texts (Arrow); they check no day, place or
//! sum, and report nothing. The reader itself is timed on one thread and on all.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

use sanad_source::ged::{Options, read};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let copies: u64 = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let bytes = copied(&std::fs::read(path)?, copies)?;
    println!("{:.1} MB", bytes.len() as f64 / 1e6);
    for threads in [1, 0] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let used = pool.current_num_threads();
        best(&format!("sanad-source, {used} threads, typed and checked"), || {
            let ged = pool.install(|| read(Cursor::new(&bytes), &Options { version: None }))?;
            Ok(ged.events.len())
        })?;
    }
    best("csv, 1 thread, rows cut into fields", || cut(&bytes))?;
    best("arrow-csv, 1 thread, columns typed", || typed(&bytes))?;
    Ok(())
}

/// The best of three runs.
fn best(name: &str, mut run: impl FnMut() -> Outcome<usize>) -> Outcome<()> {
    let (mut fastest, mut rows) = (f64::INFINITY, 0);
    for _ in 0..3 {
        let started = Instant::now();
        rows = run()?;
        fastest = fastest.min(started.elapsed().as_secs_f64());
    }
    println!("{fastest:8.3} s  {rows} rows  {name}");
    Ok(())
}

/// The rows of a file repeated, their identifiers moved apart.
fn copied(file: &[u8], copies: u64) -> Outcome<Vec<u8>> {
    let mut reader = csv::Reader::from_reader(file);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_byte_record(reader.byte_headers()?)?;
    let rows = reader.byte_records().collect::<Result<Vec<_>, _>>()?;
    for copy in 0..copies {
        for row in &rows {
            let id: u64 = std::str::from_utf8(&row[0])?.trim().parse()?;
            let moved = (id + copy * 10_000_000).to_string();
            writer.write_field(moved)?;
            row.iter().skip(1).try_for_each(|field| writer.write_field(field))?;
            writer.write_record(None::<&[u8]>)?;
        }
    }
    Ok(writer.into_inner()?)
}

fn cut(bytes: &[u8]) -> Outcome<usize> {
    let mut reader = csv::Reader::from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut fields) = (0, 0);
    while reader.read_byte_record(&mut record)? {
        rows += 1;
        fields += std::hint::black_box(&record).len();
    }
    std::hint::black_box(fields);
    Ok(rows)
}

fn typed(bytes: &[u8]) -> Outcome<usize> {
    let format = arrow_csv::reader::Format::default().with_header(true);
    let (schema, _) = format.infer_schema(Cursor::new(bytes), Some(1000))?;
    let reader = arrow_csv::ReaderBuilder::new(Arc::new(schema))
        .with_header(true)
        .with_batch_size(8192)
        .build(Cursor::new(bytes))?;
    let mut rows = 0;
    for batch in reader {
        rows += std::hint::black_box(batch?).num_rows();
    }
    Ok(rows)
}
