//! Processes that are lost in the middle: the right answer or a clear error, within a minute.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::support::{Cluster, Lab, alone, lab, signal};

/// First months of a statement's span, from the shortest span to the whole record, and how often each pair of rows is
/// counted: a fast build on a fast machine needs many.
const SIZES: [(u16, usize); 10] =
    [(480, 1), (456, 1), (420, 1), (372, 1), (300, 1), (204, 1), (0, 1), (0, 4), (0, 16), (0, 64)];

/// How long the statement takes without a cluster, at least, so that something can be lost in its middle.
const LONG_ENOUGH: Duration = Duration::from_secs(4);

/// A statement in several parts and stages, and what it gives.
struct Slow {
    statement: String,
    right: Vec<u8>,
}

/// Districts paired with each other in every month, of as many months and as often as it takes for the statement to be slow
/// on this machine. Its panel is kept then, so that it is the only plan of a question.
fn slow(lab: &Lab) -> &'static Slow {
    static FOUND: OnceLock<Slow> = OnceLock::new();
    FOUND.get_or_init(|| {
        let kept = lab.ask(&["sql", "SELECT COUNT(*) AS n FROM panel_adm2"], None);
        assert!(kept.status.success(), "{}", String::from_utf8_lossy(&kept.stderr));
        let mut found = None;
        for (from, times) in SIZES {
            // A condition that always holds and names the copy, so that copies stay in the join.
            let copies: Vec<String> = (1..=times).map(|copy| format!("({copy})")).collect();
            let statement = format!(
                "SELECT a.place_id, COUNT(*) AS pairs, SUM(CAST(a.events AS BIGINT)) AS events, \
                 MAX(a.deaths_best - b.deaths_best) AS most FROM panel_adm2 a JOIN panel_adm2 b \
                 ON a.month_id = b.month_id CROSS JOIN (VALUES {}) AS copies(copy) \
                 WHERE a.month_id > {from} AND a.deaths_best + b.deaths_best >= copies.copy - copies.copy \
                 GROUP BY a.place_id ORDER BY a.place_id",
                copies.join(", ")
            );
            let begun = Instant::now();
            let done = lab.ask(&["sql", &statement], None);
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            found = Some(Slow { statement, right: done.stdout });
            if begun.elapsed() >= LONG_ENOUGH {
                break;
            }
        }
        found.expect("a statement was tried")
    })
}

/// Holds an answer to what it may be. Gives whether it is the right one.
fn is_right_or_clear(output: &Output, right: &[u8]) -> bool {
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        assert_eq!(output.stdout, right, "a wrong answer");
        return true;
    }
    eprintln!("{}", words.trim());
    assert!(output.stdout.is_empty(), "rows in spite of an error");
    assert!(words.starts_with("error: "), "{words}");
    assert!(words.contains("hint: "), "{words}");
    assert!(!words.contains("panicked"), "{words}");
    false
}

#[test]
fn a_worker_that_is_killed_in_the_middle_costs_time_and_nothing_else() {
    let _alone = alone();
    let lab = lab();
    let Slow { statement, right } = slow(lab);
    let mut answered = 0;
    for after in [300, 1_000, 2_000, 4_000] {
        let mut cluster = Cluster::start(3);
        let asked = lab.begin(statement, &cluster, &[]);
        cluster.wait_for_log("Job submitted", 1);
        std::thread::sleep(Duration::from_millis(after));
        let finished = cluster.logged("Job finished");
        cluster.kill_worker(0);
        eprintln!("killed after {after} ms, jobs finished by then: {finished}");
        answered += usize::from(is_right_or_clear(&asked.answer(), right));
    }
    assert!(answered >= 3, "{answered} of 4 were answered although two workers were left");
}

#[test]
fn without_any_worker_left_there_is_an_error_and_not_a_wait() {
    let _alone = alone();
    let (lab, mut cluster) = (lab(), Cluster::start(2));
    let Slow { statement, right } = slow(lab);
    let asked = lab.begin(statement, &cluster, &[]);
    cluster.wait_for_log("Job submitted", 1);
    std::thread::sleep(Duration::from_millis(1_000));
    cluster.kill_worker(0);
    cluster.kill_worker(1);
    assert!(!is_right_or_clear(&asked.answer(), right), "nobody was left to answer");
}

#[test]
fn a_cluster_that_never_had_a_worker_says_so() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::without_workers());
    let answer = lab.begin("SELECT COUNT(*) FROM events", &cluster, &[]).answer();
    assert!(!is_right_or_clear(&answer, b""));
    let words = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(words.contains("no workers"), "{words}");
}

#[test]
fn a_scheduler_that_is_started_again_answers_or_says_why_not() {
    let _alone = alone();
    let (lab, mut cluster) = (lab(), Cluster::start(2));
    let Slow { statement, right } = slow(lab);
    let asked = lab.begin(statement, &cluster, &[]);
    cluster.wait_for_log("Job submitted", 1);
    std::thread::sleep(Duration::from_millis(700));
    cluster.kill_scheduler();
    std::thread::sleep(Duration::from_secs(2));
    cluster.start_scheduler();
    let first = is_right_or_clear(&asked.answer(), right);
    eprintln!("the question that was under way was answered: {first}");
    // The workers find the new one by themselves.
    cluster.wait_for(2);
    let answer = lab.begin(statement, &cluster, &[]).answer();
    assert!(is_right_or_clear(&answer, right), "the next question is answered");
}

#[test]
fn without_a_scheduler_there_is_an_error() {
    let _alone = alone();
    let (lab, mut cluster) = (lab(), Cluster::without_workers());
    cluster.kill_scheduler();
    let answer = lab.begin("SELECT COUNT(*) FROM events", &cluster, &[]).answer();
    assert!(!is_right_or_clear(&answer, b""));
    let words = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(words.contains("no scheduler answers at http://127.0.0.1:"), "{words}");
}

#[test]
fn a_worker_that_hangs_counts_as_lost() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(3));
    let Slow { statement, right } = slow(lab);
    let asked = lab.begin(statement, &cluster, &[]);
    cluster.wait_for_log("Job submitted", 1);
    std::thread::sleep(Duration::from_millis(700));
    signal("STOP", cluster.worker_process(0));
    let answer = asked.answer();
    signal("CONT", cluster.worker_process(0));
    is_right_or_clear(&answer, right);
}

/// A folder on a file system of a few kilobytes, unmounted when it goes.
struct TinyDisk(tempfile::TempDir);

impl TinyDisk {
    fn mount() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(folder.path());
        let done = mount.output().map_err(|error| error.to_string())?;
        match done.status.success() {
            true => Ok(Self(folder)),
            false => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[test]
fn a_full_disk_of_one_worker_gives_the_right_answer_or_an_error() {
    let _alone = alone();
    let disk = match TinyDisk::mount() {
        Ok(disk) => disk,
        Err(reason) => {
            eprintln!("skipped: a full disk: a small file system cannot be mounted: {reason}");
            return;
        }
    };
    let lab = lab();
    let statement = "SELECT side_b, event_id, source_row, date_start, deaths_best, SUM(deaths_best) \
                     OVER (PARTITION BY side_b ORDER BY event_id) AS s FROM events ORDER BY event_id";
    let here = lab.ask(&["sql", statement], None);
    assert!(here.status.success(), "{}", String::from_utf8_lossy(&here.stderr));
    let mut cluster = Cluster::without_workers();
    cluster.add_worker(Some(disk.path()));
    cluster.add_worker(None);
    cluster.wait_for(2);
    let answer = lab.begin(statement, &cluster, &[]).answer();
    is_right_or_clear(&answer, &here.stdout);
    let full = std::fs::read_dir(disk.path()).map(Iterator::count);
    eprintln!("entries on the full disk: {full:?}");
}

#[test]
fn what_nobody_waits_for_any_more_is_cancelled() {
    let _alone = alone();
    let (lab, cluster) = (lab(), Cluster::start(2));
    let Slow { statement, .. } = slow(lab);
    let bounded = lab.begin(statement, &cluster, &["--time", "1"]).answer();
    assert!(!bounded.status.success());
    let words = String::from_utf8_lossy(&bounded.stderr).into_owned();
    assert!(words.contains("the time for the statement"), "{words}");
    cluster.wait_for_log("Job cancelled", 1);

    let asked = lab.begin(statement, &cluster, &[]);
    cluster.wait_for_log("Job submitted", 2);
    std::thread::sleep(Duration::from_millis(300));
    signal("INT", asked.child.id());
    assert_eq!(asked.answer().status.code(), Some(130));
    cluster.wait_for_log("Job cancelled", 2);
    // Its workers are free for others.
    let next = lab.begin("SELECT COUNT(*) AS n FROM events", &cluster, &[]).answer();
    assert!(next.status.success(), "{}", String::from_utf8_lossy(&next.stderr));
}
