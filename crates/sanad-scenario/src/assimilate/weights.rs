//! Weights of particles, and drawing particles by them.

/// Weights of particles, which add up to one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ParticleWeights(Vec<f64>);

impl ParticleWeights {
    /// As many equal ones.
    pub(crate) fn equal(particles: usize) -> Self {
        Self(vec![1.0 / particles as f64; particles])
    }

    /// The weights themselves, particle by particle.
    pub(crate) fn values(&self) -> &[f64] {
        &self.0
    }

    /// Multiplies each weight by a particle's density of what was observed and makes them add up to
    /// one again. Gives the logarithm of their sum before that: ln Σ Wᵢ·p(y | xᵢ), the density of the
    /// observation given those before it. Sums run in the order of the particles.
    ///
    /// `None`, with the weights as they were, where no particle can give the observation.
    pub(crate) fn update(&mut self, log_densities: &[f64]) -> Option<f64> {
        let greatest = log_densities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if greatest == f64::NEG_INFINITY {
            return None;
        }
        // Relative to the greatest, so that none overflows and not all vanish.
        let found = self.0.iter().zip(log_densities);
        let found: Vec<f64> = found.map(|(weight, log)| weight * (log - greatest).exp()).collect();
        let sum: f64 = found.iter().sum();
        if !(sum > 0.0 && sum.is_finite()) {
            return None;
        }
        self.0 = found.into_iter().map(|weight| weight / sum).collect();
        Some(greatest + sum.ln())
    }

    /// 1 / Σ Wᵢ²: how many particles of equal weight would be worth as much (A. Kong, J. S. Liu and
    /// W. H. Wong, "Sequential imputations and Bayesian missing data problems", Journal of the
    /// American Statistical Association 89, 1994).
    pub(crate) fn effective(&self) -> f64 {
        1.0 / self.0.iter().map(|weight| weight * weight).sum::<f64>()
    }

    /// Parents of as many particles of equal weight, in rising order, by systematic resampling
    /// (Kitagawa 1996): of n points (i + u)/n each falls to the particle whose part of the summed
    /// weights holds it, so that a particle of weight W has n·W children, rounded up or down.
    pub(crate) fn systematic(&self, uniform: f64) -> Vec<u32> {
        let count = self.0.len();
        let last = self.0.iter().rposition(|weight| *weight > 0.0).unwrap_or(0);
        let (mut parent, mut sum) = (0, self.0[0]);
        (0..count)
            .map(|place| {
                let point = (place as f64 + uniform) / count as f64;
                while sum <= point && parent < last {
                    parent += 1;
                    sum += self.0[parent];
                }
                parent as u32
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_has_as_many_children_as_its_weight_says_up_to_one() {
        let mut weights = ParticleWeights::equal(5);
        let evidence = weights.update(&[0.1, 0.0, 0.2, 0.3, 0.4].map(f64::ln)).unwrap();
        assert!((evidence - 0.2_f64.ln()).abs() < 1e-12, "{evidence}");
        for step in 1..100 {
            let parents = weights.systematic(f64::from(step) / 100.0);
            assert!(parents.is_sorted() && parents.len() == 5);
            for (particle, weight) in weights.values().iter().enumerate() {
                let children = parents.iter().filter(|&&parent| parent == particle as u32).count();
                assert!((children as f64 - 5.0 * weight).abs() < 1.0, "{particle} {children}");
            }
        }
    }

    #[test]
    fn equal_weights_keep_every_particle_and_are_worth_all_of_them() {
        let weights = ParticleWeights::equal(7);
        assert_eq!(weights.systematic(0.4), [0, 1, 2, 3, 4, 5, 6]);
        assert!((weights.effective() - 7.0).abs() < 1e-9);
    }

    #[test]
    fn an_observation_that_no_particle_can_give_leaves_the_weights() {
        let mut weights = ParticleWeights::equal(3);
        assert_eq!(weights.update(&[f64::NEG_INFINITY; 3]), None);
        assert_eq!(weights, ParticleWeights::equal(3));
        assert!(weights.update(&[f64::NEG_INFINITY, -1e9, -1e9]).is_some());
        assert!((weights.effective() - 2.0).abs() < 1e-9);
    }
}
