//! What every model must and must not do.
