//! `sanad publish`.

use sanad_web::{OpenObservatory, PublishSettings, publish};

use crate::args::Publish;
use crate::command::{clock, subject};
use crate::error::Result;
use crate::progress::Terminal;
use crate::report::say;

pub(crate) fn run(asked: &Publish, threads: usize) -> Result<()> {
    subject::check(&asked.subject)?;
    let today = clock()?();
    let opened = subject::open(&asked.subject)?;
    let settings = PublishSettings {
        threads,
        months_of_records: asked.records,
        ..PublishSettings::new(today)
    };
    let observatory = opened.observatory.clone();
    let served = OpenObservatory { observatory, keep: Some(Box::new(opened)) };
    let published = publish(&settings, served, &asked.out, &Terminal::default())?;
    if !published.is_new {
        say!("{}: the same was published before; nothing changed", published.folder.display());
        return Ok(());
    }
    say!(
        "{}: {} pages, {} files, {:.1} MB",
        published.folder.display(),
        published.pages,
        published.files,
        published.bytes as f64 / 1e6
    );
    for said in &published.changes {
        say!("  {said}");
    }
    say!("begin at {}", asked.out.join("latest").join("index.html").display());
    Ok(())
}
