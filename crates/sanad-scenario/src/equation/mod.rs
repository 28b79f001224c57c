//! Equations: text to syntax tree, with a place for every fault.
//!
//! The grammar is that of XMILE 1.0, section 3.3: operators with its precedence, `IF … THEN …
//! ELSE`, calls, subscripts, comments in braces. Names stay names here; what they mean is
//! decided when the model is compiled.

mod lex;
mod parse;

pub(crate) use lex::{decimal_commas, is_blank};
pub(crate) use parse::{parse, parse_list};

use crate::error::Span;

/// A piece of an equation with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub node: ExpressionNode,
    pub span: Span,
    /// Levels from here to the deepest leaf, one for a leaf.
    pub depth: usize,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ExpressionNode {
    Number(f64),
    /// A name, canonical, perhaps qualified with dots.
    Name(String),
    /// `name[…]`
    Subscripted(String, Vec<Subscript>),
    /// `name(…)`, perhaps of an element: `name[…](…)`
    Call {
        name: String,
        subscripts: Vec<Subscript>,
        arguments: Vec<Expr>,
    },
    /// A sign or NOT.
    Unary(Unary, Box<Expr>),
    /// Left and right of an operator.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// Condition, value where it holds, value where it does not.
    If(Box<[Expr; 3]>),
    /// `x'`
    Transposed(Box<Expr>),
}

/// One place between square brackets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Subscript {
    /// `*`
    All,
    /// `Dimension.*`
    AllOf(String, Span),
    /// `a:b`
    Range(Expr, Expr),
    /// `@n`
    Position(usize, Span),
    /// anything else
    Index(Expr),
}

/// Signs and negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unary {
    Plus,
    Minus,
    Not,
}

/// Operators, by what they do; how strongly they bind is the parser's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `//`: zero where the divisor is zero.
    SafeDivide,
    Modulo,
    Power,
}
