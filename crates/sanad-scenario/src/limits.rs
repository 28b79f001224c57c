//! Bounds on what a model may ask for, so that no file can exhaust memory or the stack.

/// The largest model, run and equation that will be accepted. Everything beyond is an error that
/// names the limit; nothing is cut off silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of XMILE text.
    pub file_bytes: usize,
    /// Nesting of XML elements.
    pub xml_depth: usize,
    /// XML elements in one file.
    pub xml_elements: usize,
    /// Nesting of one equation, operators and parentheses together.
    pub equation_depth: usize,
    /// Nesting of modules and macro calls.
    pub module_depth: usize,
    /// Dimensions of one array.
    pub dimensions: usize,
    /// Elements of one array.
    pub array_elements: usize,
    /// Scalar operations of the whole compiled model.
    pub operations: usize,
    /// Integration steps of one run.
    pub steps: usize,
    /// Numbers kept from one ensemble (members × outputs × saved times).
    pub kept_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            xml_depth: 64,
            xml_elements: 2_000_000,
            equation_depth: 200,
            module_depth: 64,
            dimensions: 8,
            array_elements: 200_000,
            operations: 400_000,
            steps: 10_000_000,
            kept_values: 1 << 28,
        }
    }
}
