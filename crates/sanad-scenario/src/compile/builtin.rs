//! The functions that take scalars: their names and how many arguments they take. Names are
//! canonical: lower case, with underscores. Which of them are the standard's and which another
//! program's is in the tables of the crate's README.

use crate::compile::ir::{BinaryFn, UnaryFn};

/// A function of one number. INT is the floor (section 3.5.1), INTEGER cuts towards zero as
/// Vensim's does; ROUND takes halves away from zero. Angles are in radians.
pub(super) fn unary(name: &str) -> Option<UnaryFn> {
    Some(match name {
        "abs" => UnaryFn::Abs,
        "arccos" => UnaryFn::Arccos,
        "arcsin" => UnaryFn::Arcsin,
        "arctan" => UnaryFn::Arctan,
        "cos" => UnaryFn::Cos,
        "cosh" => UnaryFn::Cosh,
        "exp" => UnaryFn::Exp,
        "int" => UnaryFn::Floor,
        "integer" => UnaryFn::Truncate,
        "ln" => UnaryFn::Ln,
        "log10" => UnaryFn::Log10,
        "round" => UnaryFn::Round,
        "sign" => UnaryFn::Sign,
        "sin" => UnaryFn::Sin,
        "sinh" => UnaryFn::Sinh,
        "sqrt" => UnaryFn::Sqrt,
        "tan" => UnaryFn::Tan,
        "tanh" => UnaryFn::Tanh,
        _ => return None,
    })
}

/// A function of two numbers.
pub(super) fn binary(name: &str) -> Option<BinaryFn> {
    Some(match name {
        "power" => BinaryFn::Power,
        "arctan2" => BinaryFn::Arctan2,
        _ => return None,
    })
}

/// Fewest and most arguments of the functions that take scalars. `None` of a name that is none of
/// them. TIME and its like, which may be called with empty parentheses, take none.
pub(super) fn arity(name: &str) -> Option<(usize, usize)> {
    if unary(name).is_some() {
        return Some((1, 1));
    }
    if binary(name).is_some() {
        return Some((2, 2));
    }
    Some(match name {
        "time" | "dt" | "time_step" | "starttime" | "stoptime" | "pi" | "inf" | "nan"
        | "initial_time" | "final_time" | "random_0_1" => (0, 0),
        "log" => (1, 2),
        "quantum" | "step" | "zidz" | "modulo" | "derivn" => (2, 2),
        "safediv" => (2, 3),
        "xidz" => (3, 3),
        "pulse" => (1, 3),
        "pulse_train" => (4, 4),
        "ramp" => (1, 3),
        "endval" => (1, 2),
        "npv" => (2, 4),
        "pmt" | "pv" | "fv" => (4, 4),
        "smth1" | "smth3" | "delay1" | "delay3" | "delay" | "trend" => (2, 3),
        "smooth" | "smooth3" => (2, 2),
        "smoothi" | "smooth3i" | "delay1i" | "delay3i" | "delay_fixed" | "sample_if_true" => (3, 3),
        "smthn" | "delayn" | "forcst" => (3, 4),
        "forecast" => (3, 3),
        "delay_n" | "smooth_n" => (4, 4),
        "previous" => (2, 2),
        "exprnd" | "poisson" => (1, 2),
        "lognormal" | "random" | "uniform" | "random_uniform" => (2, 3),
        "normal" => (2, 5),
        "triangular" => (3, 6),
        "random_normal" => (5, 5),
        "random_triangular" => (6, 6),
        "game" => (1, 1),
        _ => return None,
    })
}

/// Whether a built-in function has that name.
pub(super) fn is_function(name: &str) -> bool {
    arity(name).is_some()
        || matches!(
            name,
            "sum"
                | "mean"
                | "prod"
                | "size"
                | "stddev"
                | "rank"
                | "min"
                | "max"
                | "vmin"
                | "vmax"
                | "lookup"
                | "lookup_extrapolate"
                | "lookupinv"
                | "init"
                | "initial"
                | "if_then_else"
        )
}

/// Functions of Stella or Vensim that are known by name and not simulated. In alphabetical order,
/// which [`is_foreign`] needs.
const FOREIGN: [&str; 48] = [
    "active_initial",
    "allocate",
    "allocate_available",
    "allocate_by_priority",
    "beta",
    "binomial",
    "cgrowth",
    "combinations",
    "cooktime",
    "coswave",
    "counter",
    "cycletime",
    "delay_batch",
    "delay_conveyor",
    "delay_information",
    "delay_material",
    "delay_profile",
    "depends_on",
    "elmcount",
    "factorial",
    "find_market_price",
    "gamma",
    "gammaln",
    "geometric",
    "get_direct_data",
    "history",
    "interpolate",
    "invnorm",
    "irr",
    "logistic",
    "lookup_area",
    "lookup_backward",
    "lookup_forward",
    "lookup_invert",
    "lookup_slope",
    "lookuparea",
    "lookupmean",
    "lookupxy",
    "montecarlo",
    "npve",
    "pareto",
    "permutations",
    "random_exponential",
    "random_poisson",
    "runcount",
    "sinwave",
    "vector_select",
    "weibull",
];

/// Whether a name is a function of another program that is not simulated here.
pub(super) fn is_foreign(name: &str) -> bool {
    FOREIGN.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_other_programs_are_in_order_and_none_of_them_is_simulated() {
        assert!(FOREIGN.is_sorted());
        assert!(FOREIGN.iter().all(|name| !is_function(name)));
    }
}
