//! Bounds on what a model may ask for, so that no file can exhaust memory or the stack.
//!
//! The limits are checked before memory is taken: the text's bytes before it is parsed, an array's
//! elements before they are numbered, an ensemble's numbers before they are allocated. They are for
//! files of unknown origin; a caller that trusts a model may raise each of them.

/// The largest model, run and equation that will be accepted. Everything beyond is an error that
/// names the limit; nothing is cut off silently. Which one was exceeded is in the message;
/// [`Error::is_limit`](crate::Error::is_limit) tells such an error from others.
///
/// ```
/// use sanad_scenario::{Limits, read_xmile};
///
/// let limits = Limits { file_bytes: 10, ..Limits::default() };
/// let error = read_xmile(b"<xmile><model/></xmile>", &limits).unwrap_err();
/// assert!(error.is_limit());
/// assert_eq!(error.to_string(), "the file needs 23, and the limit is 10");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of XMILE text. By default 64 MiB.
    pub file_bytes: usize,
    /// Nesting of XML elements. By default 64.
    pub xml_depth: usize,
    /// XML elements in one file. Diagrams count, although nothing here reads them. By default two
    /// millions.
    pub xml_elements: usize,
    /// Nesting of one equation, operators and parentheses together. By default 200. It bounds the
    /// stack of the parser, which calls itself once for each level.
    pub equation_depth: usize,
    /// Nesting of modules and macro calls. By default 64. A macro that calls itself without end is
    /// stopped by it, so that a recursion has to end before.
    pub module_depth: usize,
    /// Dimensions of one array. By default 8.
    pub dimensions: usize,
    /// Elements of one array. The product of its dimensions' sizes, and the most elements that one
    /// argument of an array function may run over. By default 200,000.
    pub array_elements: usize,
    /// Scalar operations of the whole compiled model. Equal operations of different equations count
    /// once, each element of an array by itself, and so does each state inside a delay or smooth.
    /// By default 400,000.
    pub operations: usize,
    /// Integration steps of one run. (stop − start) / step; by default ten millions.
    pub steps: usize,
    /// Numbers kept from one ensemble (members × outputs × saved times). The same bound holds for
    /// what one delay of a block remembers (steps looked back × members side by side). By default
    /// 2²⁸ numbers, which are 2 GiB.
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
