//! Which kinds may excite which.

/// Which links (target ← source) a fit may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Links {
    /// No excitation: Poisson processes.
    None,
    /// Each kind excites only itself.
    SelfOnly,
    /// Every kind may excite every kind.
    #[default]
    Full,
    /// `allowed[target][source]`.
    Custom(Vec<Vec<bool>>),
}

impl Links {
    /// Whether `source` may excite `target`.
    #[must_use]
    pub fn allows(&self, target: usize, source: usize) -> bool {
        match self {
            Self::None => false,
            Self::SelfOnly => target == source,
            Self::Full => true,
            Self::Custom(allowed) => {
                allowed.get(target).and_then(|row| row.get(source)).copied().unwrap_or(false)
            }
        }
    }
}
