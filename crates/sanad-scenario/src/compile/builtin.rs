//! The functions that take scalars: their names and how many arguments they take.

use crate::compile::ir::{BinaryFn, UnaryFn};

/// A function of one number.
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
        "modulo" => BinaryFn::Modulo,
        "power" => BinaryFn::Power,
        "arctan2" => BinaryFn::Arctan2,
        _ => return None,
    })
}

/// Fewest and most arguments of the functions that take scalars.
pub(super) fn arity(name: &str) -> Option<(usize, usize)> {
    if unary(name).is_some() {
        return Some((1, 1));
    }
    if binary(name).is_some() {
        return Some((2, 2));
    }
    Some(match name {
        "time" | "dt" | "time_step" | "starttime" | "stoptime" | "pi" | "inf" | "nan"
        | "initial_time" | "final_time" => (0, 0),
        "log" => (1, 2),
        "quantum" | "step" | "zidz" => (2, 2),
        "safediv" => (2, 3),
        "xidz" => (3, 3),
        "pulse" => (1, 3),
        "pulse_train" => (4, 4),
        "ramp" => (2, 3),
        "smth1" | "smth3" | "delay1" | "delay3" | "delay" | "trend" => (2, 3),
        "smooth" | "smooth3" => (2, 2),
        "smoothi" | "smooth3i" | "delay1i" | "delay3i" | "delay_fixed" | "sample_if_true" => (3, 3),
        "smthn" | "delayn" | "forcst" => (3, 4),
        "forecast" => (3, 3),
        "delay_n" => (4, 4),
        "previous" => (2, 2),
        "exprnd" | "poisson" => (1, 2),
        "lognormal" | "random" | "uniform" | "random_uniform" => (2, 3),
        "normal" => (2, 5),
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
                | "init"
                | "initial"
                | "if_then_else"
        )
}
