//! Minimisation under box constraints: a projected Newton method with Levenberg–Marquardt damping.
//!
//! Excitation coefficients are bounded below by zero and a link that does not exist sits exactly
//! on that bound, so the optimiser has to handle bounds and not only stay clear of them. The
//! problems are small (a few to a few hundred parameters) and have analytic curvature, which is
//! what the kept Rust optimisers without bounds (argmin's L-BFGS) cannot use.
//! The active-set rule is that of D. P. Bertsekas, "Projected Newton methods for optimization
//! problems with simple constraints", SIAM J. Control Optim. 20 (1982).

use crate::error::Error;
use crate::linalg::{Cholesky, Matrix, dot};

/// A function to minimise, with its derivatives.
pub trait Objective {
    /// The value at `x`; not finite where the function is undefined.
    fn value(&self, x: &[f64]) -> f64;
    /// The value, gradient and a (possibly approximate) Hessian at `x`.
    fn derivatives(&self, x: &[f64]) -> Derivatives;
    /// How far one step may move a parameter: as far as the curvature at its start can be trusted.
    fn reach(&self, _parameter: usize) -> f64 {
        f64::INFINITY
    }
}

/// What a step needs to know of an objective at one point of `n` parameters.
#[derive(Debug, Clone)]
pub struct Derivatives {
    /// The value.
    pub value: f64,
    /// First derivatives, `n` of them.
    pub gradient: Vec<f64>,
    /// Second derivatives, `n` × `n`, symmetric; an approximation will do.
    pub hessian: Matrix,
}

/// A box: `lower[k] ≤ x[k] ≤ upper[k]`.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Lower bounds; `-∞` for none.
    pub lower: Vec<f64>,
    /// Upper bounds, each at least the lower one; `∞` for none.
    pub upper: Vec<f64>,
}

impl Bounds {
    /// The value nearest to `value` that parameter `k` may take.
    #[must_use]
    pub fn clamp(&self, k: usize, value: f64) -> f64 {
        value.clamp(self.lower[k], self.upper[k])
    }

    /// Holds one parameter at a value.
    pub fn fix(&mut self, k: usize, value: f64) {
        self.lower[k] = value;
        self.upper[k] = value;
    }

    /// Whether a bound keeps a parameter from going where the slope points.
    fn holds(&self, k: usize, x: f64, slope: f64) -> bool {
        (x <= self.lower[k] && slope >= 0.0) || (x >= self.upper[k] && slope <= 0.0)
    }
}

/// Where a minimum lies and what it is.
#[derive(Debug, Clone)]
pub struct Minimum {
    /// The parameters.
    pub x: Vec<f64>,
    /// The objective there.
    pub value: f64,
}

/// Steps after which a search is given up.
const MAX_ITERATIONS: usize = 500;
/// Damping beyond which no step is any use.
const MAX_DAMPING: f64 = 1e12;

/// Minimises `objective` from `start`. Stops when a Newton step promises less than `tolerance`, in
/// the objective's unit. `what` names the computation in the error's sentence.
///
/// ```
/// use sanad_numbers::{Bounds, Derivatives, Matrix, Objective, minimise};
///
/// /// (x − 3)², which is smallest at 3.
/// struct Bowl;
///
/// impl Objective for Bowl {
///     fn value(&self, x: &[f64]) -> f64 {
///         (x[0] - 3.0).powi(2)
///     }
///     fn derivatives(&self, x: &[f64]) -> Derivatives {
///         let gradient = vec![2.0 * (x[0] - 3.0)];
///         let hessian = Matrix::from_rows(&[vec![2.0]]);
///         Derivatives { value: self.value(x), gradient, hessian }
///     }
/// }
///
/// let free = Bounds { lower: vec![-10.0], upper: vec![10.0] };
/// assert!((minimise("the bowl", &Bowl, &[0.0], &free, 1e-12)?.x[0] - 3.0).abs() < 1e-6);
/// let below_two = Bounds { lower: vec![-10.0], upper: vec![2.0] };
/// assert_eq!(minimise("the bowl", &Bowl, &[0.0], &below_two, 1e-12)?.x[0], 2.0);
/// # Ok::<(), sanad_numbers::Error>(())
/// ```
///
/// # Errors
/// If the objective is not finite at a point that was reached, or after 500 steps without an end.
pub fn minimise(
    what: &'static str,
    objective: &impl Objective,
    start: &[f64],
    bounds: &Bounds,
    tolerance: f64,
) -> Result<Minimum, Error> {
    let mut x: Vec<f64> = start.iter().enumerate().map(|(k, &v)| bounds.clamp(k, v)).collect();
    let mut damping = 1e-6;
    let mut small_steps = 0;
    for iterations in 0..MAX_ITERATIONS {
        let here = objective.derivatives(&x);
        if !here.value.is_finite() {
            return Err(Error::no_convergence(what, iterations));
        }
        let step = accepted_step(objective, &x, &here, bounds, &mut damping, tolerance);
        let Some((next, value)) = step else {
            return Ok(Minimum { x, value: here.value });
        };
        // One tiny step may be a badly damped one; two in a row are convergence.
        small_steps = if here.value - value <= tolerance { small_steps + 1 } else { 0 };
        x = next;
        if small_steps == 2 {
            return Ok(Minimum { x, value });
        }
    }
    Err(Error::no_convergence(what, MAX_ITERATIONS))
}

/// Raises the damping until a projected step lowers the value; `None` if the Newton step promises
/// less than the tolerance, or if no step does lower it: then `x` is a minimum to rounding.
fn accepted_step(
    objective: &impl Objective,
    x: &[f64],
    here: &Derivatives,
    bounds: &Bounds,
    damping: &mut f64,
    tolerance: f64,
) -> Option<(Vec<f64>, f64)> {
    let free: Vec<usize> =
        (0..x.len()).filter(|&k| !bounds.holds(k, x[k], here.gradient[k])).collect();
    if free.is_empty() {
        return None;
    }
    while *damping < MAX_DAMPING {
        if let Some((free, step)) = damped_step(x, here, &free, bounds, *damping) {
            let gradient: Vec<f64> = free.iter().map(|&k| here.gradient[k]).collect();
            if *damping < 1e-2 && -dot(&step, &gradient) < tolerance {
                return None;
            }
            let far = free.iter().zip(&step).map(|(&k, s)| s.abs() / objective.reach(k));
            let share = 1.0 / far.fold(1.0, f64::max);
            let mut next = x.to_vec();
            for (&k, s) in free.iter().zip(&step) {
                let s = share * s;
                next[k] = bounds.clamp(k, x[k] + s);
            }
            let moved: Vec<f64> = free.iter().map(|&k| next[k] - x[k]).collect();
            let slope = dot(&moved, &gradient);
            let value = objective.value(&next);
            if value.is_finite() && value < here.value && value <= here.value + 1e-4 * slope {
                *damping = (*damping * 0.1).max(1e-12);
                return Some((next, value));
            }
        }
        *damping *= 8.0;
    }
    *damping = 1e-6;
    None
}

/// −(H + damping · diag H)⁻¹ g on the free parameters, with those that it moves. One on its bound that
/// the step would push out stays there, and the step of the others is found without it.
fn damped_step(
    x: &[f64],
    here: &Derivatives,
    free: &[usize],
    bounds: &Bounds,
    damping: f64,
) -> Option<(Vec<usize>, Vec<f64>)> {
    let mut free = free.to_vec();
    loop {
        let step = newton_step(here, &free, damping)?;
        let out = |k: usize, s: f64| {
            (x[k] <= bounds.lower[k] && s < 0.0) || (x[k] >= bounds.upper[k] && s > 0.0)
        };
        let kept: Vec<usize> =
            free.iter().zip(&step).filter(|&(&k, &s)| !out(k, s)).map(|(&k, _)| k).collect();
        if kept.len() == free.len() {
            return Some((free, step));
        }
        free = kept;
    }
}

/// The step s with (H + δ D) s = −g on the free parameters, D the diagonal of H (K. Levenberg
/// 1944; D. W. Marquardt 1963).
fn newton_step(here: &Derivatives, free: &[usize], damping: f64) -> Option<Vec<f64>> {
    let mut hessian = here.hessian.principal(free);
    let largest = hessian.diagonal().iter().fold(0.0_f64, |m, d| m.max(d.abs()));
    let floor = (1e-10 * largest).max(1e-12);
    for k in 0..free.len() {
        let diagonal = hessian[(k, k)].abs().max(floor);
        hessian[(k, k)] += damping * diagonal + if hessian[(k, k)] <= 0.0 { floor } else { 0.0 };
    }
    let downhill: Vec<f64> = free.iter().map(|&k| -here.gradient[k]).collect();
    Some(Cholesky::new(&hessian)?.solve(&downhill))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rosenbrock;

    impl Objective for Rosenbrock {
        fn value(&self, x: &[f64]) -> f64 {
            (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
        }

        fn derivatives(&self, x: &[f64]) -> Derivatives {
            let valley = x[1] - x[0] * x[0];
            let gradient = vec![-2.0 * (1.0 - x[0]) - 400.0 * x[0] * valley, 200.0 * valley];
            let hessian = Matrix::from_rows(&[
                vec![2.0 - 400.0 * valley + 800.0 * x[0] * x[0], -400.0 * x[0]],
                vec![-400.0 * x[0], 200.0],
            ]);
            Derivatives { value: self.value(x), gradient, hessian }
        }
    }

    fn solve(lower: [f64; 2], upper: [f64; 2]) -> Minimum {
        let bounds = Bounds { lower: lower.to_vec(), upper: upper.to_vec() };
        minimise("test", &Rosenbrock, &[-1.2, 1.0], &bounds, 1e-14).unwrap()
    }

    #[test]
    fn the_free_minimum_of_rosenbrock_is_found() {
        let found = solve([-9.0; 2], [9.0; 2]);
        assert!((found.x[0] - 1.0).abs() < 1e-6 && (found.x[1] - 1.0).abs() < 1e-6, "{found:?}");
    }

    /// A plane and a bowl, from (0, 0.5) on.
    struct Slanted;

    impl Slanted {
        const SLOPE: [f64; 2] = [0.5, 1.6];
        const BEND: [[f64; 2]; 2] = [[0.8, 0.78], [0.78, 1.0]];

        fn gradient(x: &[f64]) -> Vec<f64> {
            let away = [x[0], x[1] - 0.5];
            (0..2).map(|k| Self::SLOPE[k] + dot(&Self::BEND[k], &away)).collect()
        }
    }

    impl Objective for Slanted {
        fn value(&self, x: &[f64]) -> f64 {
            let (away, gradient) = ([x[0], x[1] - 0.5], Self::gradient(x));
            0.5 * (dot(&away, &gradient) + dot(&away, &Self::SLOPE))
        }

        fn derivatives(&self, x: &[f64]) -> Derivatives {
            let hessian = Matrix::from_rows(&Self::BEND.map(|row| row.to_vec()));
            Derivatives { value: self.value(x), gradient: Self::gradient(x), hessian }
        }
    }

    #[test]
    fn a_newton_step_that_its_bound_turns_uphill_is_no_end() {
        let bounds = Bounds { lower: vec![-9.0, 0.0], upper: vec![9.0; 2] };
        let found = minimise("test", &Slanted, &[0.0, 0.5], &bounds, 1e-10).unwrap();
        assert!((found.x[0] + 0.1375).abs() < 1e-6 && found.x[1] == 0.0, "{found:?}");
    }

    #[test]
    fn a_minimum_on_the_bound_is_found() {
        let found = solve([-9.0, -9.0], [0.5, 9.0]);
        assert_eq!(found.x[0], 0.5);
        assert!((found.x[1] - 0.25).abs() < 1e-7, "{found:?}");
    }
}
