//! Random panels and frameworks for the laws.

use proptest::prelude::*;
use sanad_front::{Direction, Framework, Indicator, Panel};

/// Raw material of a panel: values by indicator, place, month, and per-indicator settings.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    pub(crate) places: usize,
    pub(crate) months: usize,
    pub(crate) values: Vec<f64>,
    pub(crate) directions: Vec<bool>,
    pub(crate) weights: Vec<f64>,
    pub(crate) pillars: Vec<usize>,
    pub(crate) ages: Vec<u32>,
}

pub(crate) const PILLARS: usize = 3;

impl Material {
    pub(crate) fn indicators(&self) -> usize {
        self.weights.len()
    }

    pub(crate) fn panel(&self) -> Panel {
        Panel::from_values(self.places, self.months, self.indicators(), self.values.clone())
            .expect("lengths agree")
    }

    pub(crate) fn at(&self, place: usize, month: usize, indicator: usize) -> usize {
        (indicator * self.places + place) * self.months + month
    }

    pub(crate) fn framework(&self) -> Framework {
        let mut builder = Framework::builder()
            .front("f0", 1.0)
            .front("f1", 2.0)
            .pillar("p0", "f0", 1.0)
            .pillar("p1", "f1", 1.5)
            .pillar("p2", "f1", 0.5);
        for k in 0..self.indicators() {
            builder = builder.indicator(
                Indicator::new(format!("i{k}"), format!("p{}", self.pillars[k]))
                    .direction(if self.directions[k] {
                        Direction::Positive
                    } else {
                        Direction::Negative
                    })
                    .weight(self.weights[k])
                    .max_age_months(self.ages[k]),
            );
        }
        builder.build().expect("holds together")
    }
}

/// Every pillar has at least one indicator; one value in four is a gap.
pub(crate) fn material() -> impl Strategy<Value = Material> {
    (2..5_usize, 1..5_usize, 0..4_usize).prop_flat_map(|(places, months, extra)| {
        let indicators = PILLARS + extra;
        let value = prop_oneof![3 => -50.0..50.0_f64, 1 => Just(f64::NAN)];
        (
            prop::collection::vec(value, places * months * indicators),
            prop::collection::vec(any::<bool>(), indicators),
            prop::collection::vec(0.1..5.0_f64, indicators),
            prop::collection::vec(0..PILLARS, extra),
            prop::collection::vec(0..3_u32, indicators),
        )
            .prop_map(move |(values, directions, weights, extra, ages)| Material {
                places,
                months,
                values,
                directions,
                weights,
                pillars: (0..PILLARS).chain(extra).collect(),
                ages,
            })
    })
}
