//! The attacker gets nothing from released counts, and gets everything from careless ones.

use std::collections::{BTreeMap, BTreeSet};

use sanad_desk::release::attack::{PublishedSum, bounds};
use sanad_desk::release::{
    Breakdown, CountedFile, PartName, Quarter, ReleasedPart, publish, release_day, to_csv,
};
use sanad_desk::{FileKind, Stage};

use crate::numbers::Numbers;

type Units = BTreeMap<String, BTreeSet<String>>;

fn units(bodies: usize, districts: usize) -> Units {
    let districts: BTreeSet<String> = (0..districts).map(|place| format!("d{place}")).collect();
    (0..bodies).map(|place| (format!("b{place}"), districts.clone())).collect()
}

/// An invented file of a unit with random properties.
fn file(body: &str, district: &str, numbers: &mut Numbers) -> CountedFile {
    let kind = FileKind::ALL[numbers.below(3) as usize];
    let stages: &[Stage] = match kind {
        FileKind::Grievance => &[Stage::Filed, Stage::Inquiry, Stage::Answered, Stage::Closed],
        FileKind::Harm => &[
            Stage::Inquiry,
            Stage::FindingsPublished,
            Stage::CompensationDecided,
            Stage::Paid,
            Stage::AccountabilityTaken,
            Stage::Closed,
        ],
        FileKind::Warning => &[Stage::Filed, Stage::Checked, Stage::Shared, Stage::Closed],
    };
    CountedFile {
        body: body.to_owned(),
        district: district.to_owned(),
        kind,
        stage: stages[numbers.below(stages.len() as u64) as usize],
        has_missed: numbers.below(3) == 0,
    }
}

/// An invented quarter. Units differ in size from none to a hundred files.
fn quarter(units: &Units, numbers: &mut Numbers) -> Vec<CountedFile> {
    let mut files = Vec::new();
    for (body, districts) in units {
        for district in districts {
            let most = [1, 4, 12, 30, 100][numbers.below(5) as usize];
            let count = numbers.below(most);
            files.extend((0..count).map(|_| file(body, district, numbers)));
        }
    }
    files
}

/// The unknowns of one breakdown over all units: (unit, class) in order.
struct Unknowns {
    units: Vec<(String, String)>,
    classes: usize,
}

impl Unknowns {
    fn new(units: &Units, breakdown: Breakdown) -> Unknowns {
        let pairs = units.iter().flat_map(|(body, districts)| {
            districts.iter().map(move |district| (body.clone(), district.clone()))
        });
        Unknowns { units: pairs.collect(), classes: breakdown.classes().len() }
    }

    fn count(&self) -> usize {
        self.units.len() * self.classes
    }

    fn of(&self, units: &BTreeSet<(String, String)>, class: Option<usize>) -> Vec<usize> {
        let mut places = Vec::new();
        for (unit, name) in self.units.iter().enumerate() {
            for place in 0..self.classes {
                if units.contains(name) && class.is_none_or(|class| class == place) {
                    places.push(unit * self.classes + place);
                }
            }
        }
        places
    }

    /// Everything that parts say about this breakdown, as sums of unknowns.
    fn sums(&self, parts: &[ReleasedPart], breakdown: Breakdown) -> Vec<PublishedSum> {
        let mut sums = Vec::new();
        for part in parts {
            let total = part.total as f64;
            sums.push(PublishedSum { unknowns: self.of(&part.units, None), total });
            for shown in part.breakdowns.iter().filter(|shown| shown.breakdown == breakdown) {
                for (class, &count) in shown.counts.iter().enumerate() {
                    let unknowns = self.of(&part.units, Some(class));
                    sums.push(PublishedSum { unknowns, total: count as f64 });
                }
            }
        }
        sums
    }

    /// What nobody may learn: each unit, each class of each unit and each class of each part,
    /// unless it is shown.
    fn targets(&self, parts: &[ReleasedPart]) -> Vec<Vec<usize>> {
        let mut targets = Vec::new();
        for unit in &self.units {
            let unit = BTreeSet::from([unit.clone()]);
            targets.push(self.of(&unit, None));
            targets.extend((0..self.classes).map(|class| self.of(&unit, Some(class))));
        }
        for part in parts {
            targets.extend((0..self.classes).map(|class| self.of(&part.units, Some(class))));
        }
        targets
    }
}

fn true_count(files: &[CountedFile], unknowns: &Unknowns, target: &[usize], by: Breakdown) -> u64 {
    let is_in = |file: &&CountedFile| {
        let name = (file.body.clone(), file.district.clone());
        let unit = unknowns.units.iter().position(|unit| *unit == name).unwrap();
        target.contains(&(unit * unknowns.classes + by.class(file)))
    };
    files.iter().filter(is_in).count() as u64
}

/// Attacks releases of so many invented quarters. Every small count that is not shown has to
/// remain between 0 and k - 1 for the attacker.
fn attack_releases(seeds: std::ops::Range<u64>) -> (usize, usize) {
    let (mut attacked, mut shown) = (0, 0);
    for seed in seeds {
        let mut numbers = Numbers(seed);
        let units = units(1 + numbers.below(3) as usize, 2 + numbers.below(3) as usize);
        let files = quarter(&units, &mut numbers);
        let parts = publish(&files, &units, 10);
        shown += parts.len();
        for breakdown in Breakdown::ALL {
            let unknowns = Unknowns::new(&units, breakdown);
            let sums = unknowns.sums(&parts, breakdown);
            for target in unknowns.targets(&parts) {
                if true_count(&files, &unknowns, &target, breakdown) >= 10 {
                    continue;
                }
                attacked += 1;
                let found = bounds(unknowns.count(), &sums, &target).unwrap();
                assert!(found.leaves_all_below(10), "seed {seed}: {target:?} is {found:?}");
            }
        }
    }
    (attacked, shown)
}

#[test]
fn the_attacker_recovers_no_small_count_from_a_thousand_invented_releases() {
    let (attacked, shown) = attack_releases(0..1_000);
    // The attack means something only if there was something to attack, and something shown.
    assert!(attacked > 10_000 && shown > 1_000, "{attacked} {shown}");
}

/// The files that no breakdown tells apart: kind, stage and promptness, of each unit.
struct JointCells {
    units: Vec<(String, String)>,
    cells: Vec<CountedFile>,
}

impl JointCells {
    fn new(units: &Units) -> JointCells {
        use FileKind::{Grievance, Harm, Warning};
        let states = [
            (Grievance, Stage::Filed),
            (Grievance, Stage::Answered),
            (Grievance, Stage::Closed),
            (Harm, Stage::Filed),
            (Harm, Stage::FindingsPublished),
            (Harm, Stage::CompensationDecided),
            (Harm, Stage::Paid),
            (Harm, Stage::Closed),
            (Warning, Stage::Filed),
            (Warning, Stage::Checked),
            (Warning, Stage::Closed),
        ];
        let mut cells = Vec::new();
        for (kind, stage) in states {
            for has_missed in [false, true] {
                let (body, district) = (String::new(), String::new());
                cells.push(CountedFile { body, district, kind, stage, has_missed });
            }
        }
        JointCells { units: Unknowns::new(units, Breakdown::Kind).units, cells }
    }

    /// The unknowns of some units, of one class of a breakdown or of all.
    fn of(
        &self,
        units: &BTreeSet<(String, String)>,
        class: Option<(Breakdown, usize)>,
    ) -> Vec<usize> {
        let mut places = Vec::new();
        let asked = self.units.iter().enumerate().filter(|(_, name)| units.contains(*name));
        for (unit, _) in asked {
            for (place, cell) in self.cells.iter().enumerate() {
                if class.is_none_or(|(by, class)| by.class(cell) == class) {
                    places.push(unit * self.cells.len() + place);
                }
            }
        }
        places
    }
}

/// The attacker with all breakdowns at once: each cuts the same files, and one can hold the other.
#[test]
fn all_breakdowns_together_recover_no_small_class_of_any_of_them() {
    let mut attacked = 0;
    for seed in 0..120 {
        let mut numbers = Numbers(40_000 + seed);
        let units = units(1 + numbers.below(2) as usize, 2);
        let files = quarter(&units, &mut numbers);
        let parts = publish(&files, &units, 10);
        let cells = JointCells::new(&units);
        let mut sums = Vec::new();
        for part in &parts {
            sums.push(PublishedSum {
                unknowns: cells.of(&part.units, None),
                total: part.total as f64,
            });
            for shown in &part.breakdowns {
                for (class, count) in shown.counts.iter().enumerate() {
                    let unknowns = cells.of(&part.units, Some((shown.breakdown, class)));
                    sums.push(PublishedSum { unknowns, total: *count as f64 });
                }
            }
        }
        for part in &parts {
            for by in Breakdown::ALL {
                for class in 0..by.classes().len() {
                    let is_in = |file: &&CountedFile| {
                        let unit = (file.body.clone(), file.district.clone());
                        part.units.contains(&unit) && by.class(file) == class
                    };
                    if files.iter().filter(is_in).count() >= 10 {
                        continue;
                    }
                    attacked += 1;
                    let target = cells.of(&part.units, Some((by, class)));
                    let count = cells.units.len() * cells.cells.len();
                    let found = bounds(count, &sums, &target).unwrap();
                    assert!(found.leaves_all_below(10), "seed {seed}: {by:?} {class} is {found:?}");
                }
            }
        }
    }
    assert!(attacked > 200, "{attacked}");
}

/// Who knows the rules, and stages and compensation of one district: no small class can be ruled out.
#[test]
fn stages_and_compensation_together_rule_out_no_small_class_on_any_small_desk() {
    let (smallest, most) = (3, 6);
    let units = units(1, 1);
    let stages = [
        Stage::Filed,
        Stage::FindingsPublished,
        Stage::CompensationDecided,
        Stage::Paid,
        Stage::Closed,
    ];
    let classes = |sizes: &[u64]| -> Vec<u64> {
        let [open, findings, decided, paid, closed] = sizes else { panic!("five sizes") };
        vec![*open, findings + decided + paid, *closed, open + findings, *decided, paid + closed]
    };
    let mut by_release: BTreeMap<String, Vec<Vec<u64>>> = BTreeMap::new();
    let mut sizes = vec![0_u64; stages.len()];
    loop {
        let mut files = Vec::new();
        for (stage, size) in stages.iter().zip(&sizes) {
            let one = CountedFile {
                kind: FileKind::Harm,
                stage: *stage,
                has_missed: false,
                ..file("b0", "d0", &mut Numbers(0))
            };
            files.extend((0..*size).map(|_| one.clone()));
        }
        let release =
            to_csv(Quarter { year: 2026, number: 1 }, &publish(&files, &units, smallest), true);
        by_release.entry(release).or_default().push(sizes.clone());
        if !count_up(&mut sizes, most) {
            break;
        }
    }
    assert!(by_release.keys().any(|release| release.contains("compensation paid")));
    for (release, desks) in &by_release {
        for class in 0..6 {
            let possible: BTreeSet<u64> = desks.iter().map(|desk| classes(desk)[class]).collect();
            let is_small = possible.iter().any(|size| *size < smallest);
            let is_edge = desks.iter().any(|desk| desk.contains(&most));
            if is_small && !is_edge {
                let all = (0..smallest).all(|size| possible.contains(&size));
                assert!(all, "class {class} is {possible:?} in\n{release}");
            }
        }
    }
}

/// The rule that many use: hide small cells, show the rest and all totals.
#[test]
fn the_same_attacker_recovers_counts_where_small_cells_alone_are_hidden() {
    let mut recovered = 0;
    for seed in 0..50 {
        let mut numbers = Numbers(seed);
        let units = units(1, 4);
        let files = quarter(&units, &mut numbers);
        let unknowns = Unknowns::new(&units, Breakdown::Kind);
        let all: BTreeSet<_> = unknowns.units.iter().cloned().collect();
        let everything = unknowns.of(&all, None);
        let mut sums = vec![PublishedSum { unknowns: everything, total: files.len() as f64 }];
        let mut hidden = Vec::new();
        for unit in &unknowns.units {
            let target = unknowns.of(&BTreeSet::from([unit.clone()]), None);
            match true_count(&files, &unknowns, &target, Breakdown::Kind) {
                count if count >= 10 => {
                    sums.push(PublishedSum { unknowns: target, total: count as f64 });
                }
                _ => hidden.push(target),
            }
        }
        for target in hidden {
            let found = bounds(unknowns.count(), &sums, &target).unwrap();
            recovered += usize::from(!found.leaves_all_below(10));
        }
    }
    assert!(recovered > 10, "{recovered}");
}

/// Two releases of the same files with one more file between them: the difference is that file.
#[test]
fn the_same_attacker_recovers_a_file_from_two_counts_of_one_quarter() {
    // Unknowns: the files of the first count by class, and the one that came after.
    let sums = [
        PublishedSum { unknowns: vec![0], total: 14.0 },
        PublishedSum { unknowns: vec![0, 1], total: 15.0 },
    ];
    assert!(bounds(2, &sums, &[1]).unwrap().is_recovered());
    // So every file is in one release only: that of the quarter in which it was filed.
    let mut day = jiff::civil::date(2026, 1, 1);
    let mut seen: BTreeMap<Quarter, u32> = BTreeMap::new();
    for _ in 0..365 {
        *seen.entry(Quarter::holding(day)).or_default() += 1;
        assert!(release_day(Quarter::holding(day), 60) > day);
        day = day.tomorrow().unwrap();
    }
    assert_eq!(seen.values().copied().collect::<Vec<_>>(), [90, 91, 92, 92]);
}

/// Releases that do not overlap in their files do not bound each other, whatever is shown.
#[test]
fn a_second_quarter_tells_nothing_of_the_first() {
    let units = units(2, 3);
    for seed in 0..15 {
        let mut numbers = Numbers(seed);
        let quarters = [quarter(&units, &mut numbers), quarter(&units, &mut numbers)];
        let unknowns = Unknowns::new(&units, Breakdown::Stage);
        let parts: Vec<Vec<ReleasedPart>> =
            quarters.iter().map(|files| publish(files, &units, 10)).collect();
        let alone = unknowns.sums(&parts[0], Breakdown::Stage);
        let mut both = alone.clone();
        for mut sum in unknowns.sums(&parts[1], Breakdown::Stage) {
            sum.unknowns.iter_mut().for_each(|unknown| *unknown += unknowns.count());
            both.push(sum);
        }
        for target in unknowns.targets(&parts[0]) {
            let with_both = bounds(2 * unknowns.count(), &both, &target);
            assert_eq!(with_both, bounds(unknowns.count(), &alone, &target), "seed {seed}");
        }
    }
}

/// The attacker who knows the rules: over all small desks, everything that leads to the same
/// release is collected, and every number below k has to be among what each hidden count may be.
#[test]
fn whoever_knows_the_rules_can_rule_out_no_small_count_on_any_small_desk() {
    let smallest = 3;
    for (bodies, districts, most) in [(1, 2, 9), (1, 3, 9), (1, 4, 5), (2, 2, 6)] {
        let units = units(bodies, districts);
        let names: Vec<(String, String)> = Unknowns::new(&units, Breakdown::Kind).units;
        let mut by_release: BTreeMap<String, Vec<Vec<u64>>> = BTreeMap::new();
        let mut sizes = vec![0_u64; names.len()];
        loop {
            let mut files = Vec::new();
            for ((body, district), &size) in names.iter().zip(&sizes) {
                let one = file(body, district, &mut Numbers(0));
                files.extend((0..size).map(|_| one.clone()));
            }
            let release =
                to_csv(Quarter { year: 2026, number: 1 }, &publish(&files, &units, smallest), true);
            by_release.entry(release).or_default().push(sizes.clone());
            if !count_up(&mut sizes, most) {
                break;
            }
        }
        for (release, desks) in &by_release {
            for unit in 0..names.len() {
                let possible: BTreeSet<u64> = desks.iter().map(|sizes| sizes[unit]).collect();
                let is_small = possible.iter().any(|size| *size < smallest);
                // The largest desks stand at the edge of what was counted out.
                let is_edge = desks.iter().any(|sizes| sizes.contains(&most));
                if is_small && !is_edge {
                    let all = (0..smallest).all(|size| possible.contains(&size));
                    assert!(all, "{bodies} {districts}: unit {unit} is {possible:?} in\n{release}");
                }
            }
        }
    }
}

/// The next list of sizes up to a largest one; false after the last.
fn count_up(sizes: &mut [u64], most: u64) -> bool {
    for size in sizes {
        if *size < most {
            *size += 1;
            return true;
        }
        *size = 0;
    }
    false
}

#[test]
fn nothing_below_ten_is_shown_and_parts_do_not_overlap() {
    for seed in 0..200 {
        let mut numbers = Numbers(seed);
        let units = units(3, 4);
        let parts = publish(&quarter(&units, &mut numbers), &units, 10);
        let mut seen = BTreeSet::new();
        for part in &parts {
            assert!(part.total >= 10);
            assert!(
                part.breakdowns.iter().flat_map(|shown| &shown.counts).all(|&count| count >= 10)
            );
            assert!(part.units.iter().all(|unit| seen.insert(unit.clone())), "seed {seed}");
        }
    }
}

#[test]
fn two_districts_that_could_only_have_nine_each_are_not_shown_together() {
    let units = units(1, 3);
    let mut numbers = Numbers(1);
    let mut files = Vec::new();
    for (district, count) in [("d0", 30), ("d1", 9), ("d2", 9)] {
        files.extend((0..count).map(|_| file("b0", district, &mut numbers)));
    }
    let parts = publish(&files, &units, 10);
    let names: Vec<&PartName> = parts.iter().map(|part| &part.name).collect();
    assert_eq!(names, [&PartName::Body { body: "b0".to_owned() }]);
}

#[test]
fn an_invented_count_says_so_in_every_row() {
    let units = units(1, 1);
    let mut numbers = Numbers(1);
    let files: Vec<CountedFile> = (0..40).map(|_| file("b0", "d0", &mut numbers)).collect();
    let text = to_csv(Quarter { year: 2026, number: 2 }, &publish(&files, &units, 10), true);
    assert!(text.lines().skip(1).count() >= 1);
    assert!(text.lines().skip(1).all(|line| line.ends_with(",invented")), "{text}");
}
