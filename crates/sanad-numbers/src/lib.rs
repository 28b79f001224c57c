//! Numbers that every analysis needs: quantiles, the normal distribution, small dense linear
//! algebra, minimisation, draws, and whether chains of draws have mixed.
//!
//! # What it does not do
//!
//! It knows no place, kind of event or case; it reads no file and asks no clock.

mod draw;
mod error;
mod grid;
mod linalg;
pub mod mixing;
mod normal;
mod optimise;
mod products;
mod quantile;
mod share;

pub use draw::{normal_of_two, poisson};
pub use error::Error;
pub use grid::PlaceMonthGrid;
pub use linalg::{Cholesky, Matrix, dot, inverse_spd, spectral_radius};
pub use normal::{
    NORMAL_90, NORMAL_95, NormalTails, normal_cdf, normal_density, normal_quantile,
    normal_quantile_of_tails, normal_tails,
};
pub use optimise::{Bounds, Derivatives, Minimum, Objective, minimise};
pub use products::{combinations, inner_products, lower_inner_products};
pub use quantile::{
    central, mean, median, nearest_rank, quantile_of_ranks, smallest_covering, sorted_quantile,
    variance, variance_around,
};
pub use share::wilson_interval;
