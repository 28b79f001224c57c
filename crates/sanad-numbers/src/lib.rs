//! Numbers that every analysis needs: quantiles, small dense linear algebra, minimisation, draws,
//! the normal law, and whether chains of draws have mixed.
//!
//! # What it does not do
//!
//! It knows no place, kind of event or case; it reads no file and asks no clock.

mod draw;
mod error;
mod linalg;
pub mod mixing;
mod normal;
mod optimise;
mod products;
mod quantile;

pub use draw::poisson;
pub use error::Error;
pub use linalg::{Cholesky, Matrix, dot, inverse_spd, spectral_radius};
pub use normal::{NormalTails, normal_density, normal_quantile, normal_tails};
pub use optimise::{Bounds, Derivatives, Minimum, Objective, minimise};
pub use products::{combinations, inner_products, lower_inner_products};
pub use quantile::{central, mean, variance, variance_around};
