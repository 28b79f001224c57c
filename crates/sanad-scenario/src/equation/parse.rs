//! Tokens to a syntax tree, by precedence climbing.
//!
//! From loose to tight: OR, AND, `= <>`, `< <= > >=`, `+ -`, `* / // MOD`, the signs and NOT, `^`.
//! Operators of one strength go from left to right, but `^` from right to left; its right side may
//! begin with a sign, as in `2^-1`. A sign or NOT in front takes in a power and nothing looser, so
//! that -2^2 is -4 and NOT a = b is (NOT a) = b.

use crate::equation::lex::{Keyword, Token, tokens};
use crate::equation::{Binary, Expr, ExpressionNode, Subscript, Unary};
use crate::error::{Problem, ProblemKind, Span};

/// Reads one expression.
///
/// # Errors
///
/// The first fault, with its place; nesting beyond `depth_limit`.
pub(crate) fn parse(text: &str, depth_limit: usize) -> Result<Expr, Problem> {
    let mut parser = Parser::new(text, depth_limit)?;
    let expr = parser.expression(0, 0)?;
    parser.expect_end()?;
    Ok(expr)
}

/// Reads expressions separated by commas or semicolons: the elements of an array in order. A
/// separator at the end is allowed.
///
/// # Errors
///
/// As [`parse`].
pub(crate) fn parse_list(text: &str, depth_limit: usize) -> Result<Vec<Expr>, Problem> {
    let mut parser = Parser::new(text, depth_limit)?;
    let mut items = vec![parser.expression(0, 0)?];
    while parser.accept(",") || parser.accept(";") {
        if parser.peek() == &Token::End {
            break;
        }
        items.push(parser.expression(0, 0)?);
    }
    parser.expect_end()?;
    Ok(items)
}

/// Binding strength of the unary operators: tighter than `*`, looser than `^`. See the strengths in
/// [`Parser::operator`].
const UNARY: u8 = 7;

/// A parser by precedence climbing: tokens, and which one is next.
struct Parser {
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth_limit: usize,
}

impl Parser {
    /// A parser at the first token.
    fn new(text: &str, depth_limit: usize) -> Result<Self, Problem> {
        Ok(Self { tokens: tokens(text)?, next: 0, depth_limit })
    }

    /// The next token.
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    /// Where the next token stands.
    fn span(&self) -> Span {
        self.tokens[self.next].1
    }

    /// Takes the next token.
    fn advance(&mut self) -> (Token, Span) {
        let token = self.tokens[self.next].clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes a symbol, if it is next.
    fn accept(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(found) if *found == symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Takes a symbol that must be next.
    fn expect(&mut self, symbol: &str, why: &str) -> Result<Span, Problem> {
        let span = self.span();
        if self.accept(symbol) {
            Ok(span)
        } else {
            Err(self.unexpected(&format!("{symbol} {why}")))
        }
    }

    /// Refuses anything after the expression.
    fn expect_end(&self) -> Result<(), Problem> {
        if self.peek() == &Token::End {
            Ok(())
        } else {
            Err(self.unexpected("an operator or the end"))
        }
    }

    /// What was found in place of what was wanted.
    fn unexpected(&self, wanted: &str) -> Problem {
        let found = match self.peek() {
            Token::End => "the equation ends".to_owned(),
            Token::Number(value) => format!("the number {value} stands"),
            Token::Name(name) => format!("the name {name} stands"),
            Token::Symbol(symbol) => format!("{symbol:?} stands"),
            Token::Keyword(word) => format!("{} stands", format!("{word:?}").to_uppercase()),
        };
        let message = format!("{found} where {wanted} is expected");
        Problem::new(ProblemKind::Syntax, message).at(self.span())
    }

    /// An equation nested beyond the limit.
    fn too_deep(&self, span: Span) -> Problem {
        let message = format!("the equation is nested more than {} levels deep", self.depth_limit);
        Problem::new(ProblemKind::Limit, message).at(span)
    }

    /// A node one level above its deepest part.
    ///
    /// # Errors
    /// If that is too deep.
    fn make(&self, node: ExpressionNode, span: Span, inner_depth: usize) -> Result<Expr, Problem> {
        let depth = inner_depth + 1;
        if depth > self.depth_limit {
            return Err(self.too_deep(span));
        }
        Ok(Expr { node, span, depth })
    }

    /// An expression whose operators all bind at least as tightly as `strength`. `nesting` is how
    /// deep the parser is in its own calls; a node's depth is counted from its leaves.
    fn expression(&mut self, strength: u8, nesting: usize) -> Result<Expr, Problem> {
        if nesting > self.depth_limit {
            return Err(self.too_deep(self.span()));
        }
        let mut left = self.prefixed(nesting)?;
        while let Some((operator, left_strength, right_strength)) = self.operator() {
            if left_strength < strength {
                break;
            }
            self.advance();
            let right = self.expression(right_strength, nesting + 1)?;
            let (span, depth) = (left.span.to(right.span), left.depth.max(right.depth));
            let node = ExpressionNode::Binary(operator, Box::new(left), Box::new(right));
            left = self.make(node, span, depth)?;
        }
        Ok(left)
    }

    /// The binary operator that comes next, and how tightly it binds on each side. The strength on
    /// the right is one more, so that equal ones go from left to right; that of `^` is one less, so
    /// that it goes from right to left and a sign may follow.
    fn operator(&self) -> Option<(Binary, u8, u8)> {
        use Binary as B;
        let (operator, strength) = match self.peek() {
            Token::Keyword(Keyword::Or) => (B::Or, 1),
            Token::Keyword(Keyword::And) => (B::And, 2),
            Token::Keyword(Keyword::Mod) => (B::Modulo, 6),
            Token::Symbol(symbol) => match *symbol {
                "=" | "==" => (B::Equal, 3),
                "<>" | "!=" => (B::NotEqual, 3),
                "<" => (B::Less, 4),
                "<=" => (B::LessEqual, 4),
                ">" => (B::Greater, 4),
                ">=" => (B::GreaterEqual, 4),
                "+" => (B::Add, 5),
                "-" => (B::Subtract, 5),
                "*" => (B::Multiply, 6),
                "/" => (B::Divide, 6),
                "//" => (B::SafeDivide, 6),
                "^" | "**" => return Some((B::Power, 8, UNARY)),
                _ => return None,
            },
            _ => return None,
        };
        Some((operator, strength, strength + 1))
    }

    /// An expression with its signs in front.
    fn prefixed(&mut self, nesting: usize) -> Result<Expr, Problem> {
        let operator = match self.peek() {
            Token::Symbol("+") => Unary::Plus,
            Token::Symbol("-") => Unary::Minus,
            Token::Keyword(Keyword::Not) => Unary::Not,
            _ => return self.postfixed(nesting),
        };
        let (_, start) = self.advance();
        let operand = self.expression(UNARY, nesting + 1)?;
        let (span, depth) = (start.to(operand.span), operand.depth);
        self.make(ExpressionNode::Unary(operator, Box::new(operand)), span, depth)
    }

    /// A value and what follows it: transpositions, and a `NOT` that stands behind its operand, as
    /// converters of Vensim's `:NOT:` write it. Nothing else can be meant by it.
    fn postfixed(&mut self, nesting: usize) -> Result<Expr, Problem> {
        let mut operand = self.primary(nesting)?;
        loop {
            let (span, depth) = (operand.span, operand.depth);
            let node = if self.accept("'") {
                ExpressionNode::Transposed(Box::new(operand))
            } else if self.peek() == &Token::Keyword(Keyword::Not) {
                self.advance();
                ExpressionNode::Unary(Unary::Not, Box::new(operand))
            } else {
                return Ok(operand);
            };
            operand = self.make(node, span, depth)?;
        }
    }

    /// A number, name, call, bracket or condition. Parentheses leave no node, only a wider place.
    fn primary(&mut self, nesting: usize) -> Result<Expr, Problem> {
        let span = self.span();
        match self.peek().clone() {
            Token::Number(value) => {
                self.advance();
                self.make(ExpressionNode::Number(value), span, 0)
            }
            Token::Name(name) => {
                self.advance();
                self.named(name, span, nesting)
            }
            Token::Symbol("(") => {
                self.advance();
                let mut inner = self.expression(0, nesting + 1)?;
                let close = self.expect(")", "to close the parenthesis")?;
                inner.span = span.to(close);
                Ok(inner)
            }
            Token::Keyword(Keyword::If) => self.conditional(nesting),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// IF … THEN … ELSE …. ELSE is required, and takes in all that follows it.
    fn conditional(&mut self, nesting: usize) -> Result<Expr, Problem> {
        let (_, start) = self.advance();
        let condition = self.expression(0, nesting + 1)?;
        self.keyword(Keyword::Then)?;
        let then = self.expression(0, nesting + 1)?;
        self.keyword(Keyword::Else)?;
        let otherwise = self.expression(0, nesting + 1)?;
        let depth = condition.depth.max(then.depth).max(otherwise.depth);
        let span = start.to(otherwise.span);
        self.make(ExpressionNode::If(Box::new([condition, then, otherwise])), span, depth)
    }

    /// Takes a word that must be next.
    fn keyword(&mut self, word: Keyword) -> Result<(), Problem> {
        if self.peek() == &Token::Keyword(word) {
            self.advance();
            return Ok(());
        }
        Err(self.unexpected(&format!("{word:?}").to_uppercase()))
    }

    /// A variable, an array element or a call.
    fn named(&mut self, name: String, start: Span, nesting: usize) -> Result<Expr, Problem> {
        let (name, mut span) = self.joined_call_name(name, start);
        let mut subscripts = Vec::new();
        let mut depth = 0;
        let subscripted = self.accept("[");
        if subscripted {
            loop {
                subscripts.push(self.subscript(nesting, &mut depth)?);
                if !self.accept(",") {
                    break;
                }
            }
            span = span.to(self.expect("]", "to close the subscript")?);
        }
        if !self.accept("(") {
            let node = if subscripted {
                ExpressionNode::Subscripted(name, subscripts)
            } else {
                ExpressionNode::Name(name)
            };
            return self.make(node, span, depth);
        }
        let mut arguments = Vec::new();
        if !matches!(self.peek(), Token::Symbol(")")) {
            loop {
                let argument = self.expression(0, nesting + 1)?;
                depth = depth.max(argument.depth);
                arguments.push(argument);
                if !self.accept(",") {
                    break;
                }
            }
        }
        span = span.to(self.expect(")", "to close the call")?);
        self.make(ExpressionNode::Call { name, subscripts, arguments }, span, depth)
    }

    /// Function names of several words are written without quotes by some programs; words followed
    /// by a parenthesis are one name.
    fn joined_call_name(&mut self, mut name: String, mut span: Span) -> (String, Span) {
        let words = self.tokens[self.next..]
            .iter()
            .take_while(|(token, _)| matches!(token, Token::Name(_)))
            .count();
        let follows = self.tokens.get(self.next + words).map(|(token, _)| token);
        if words == 0 || follows != Some(&Token::Symbol("(")) {
            return (name, span);
        }
        for _ in 0..words {
            if let (Token::Name(word), place) = self.advance() {
                name = format!("{name}_{word}");
                span = span.to(place);
            }
        }
        (name, span)
    }

    /// One position of an array.
    fn subscript(&mut self, nesting: usize, depth: &mut usize) -> Result<Subscript, Problem> {
        let span = self.span();
        if self.accept("*") {
            return Ok(Subscript::All);
        }
        if self.accept("@") {
            return self.position(span);
        }
        if let Some(name) = self.all_of() {
            return Ok(Subscript::AllOf(name, span));
        }
        if let Some(element) = self.element_of_words() {
            return Ok(Subscript::Index(element));
        }
        let from = self.expression(0, nesting + 1)?;
        *depth = (*depth).max(from.depth);
        if !self.accept(":") {
            return Ok(Subscript::Index(from));
        }
        let to = self.expression(0, nesting + 1)?;
        *depth = (*depth).max(to.depth);
        Ok(Subscript::Range(from, to))
    }

    /// A position by number, or a range of positions.
    fn position(&mut self, start: Span) -> Result<Subscript, Problem> {
        match *self.peek() {
            Token::Number(value) if value >= 1.0 && value.fract() == 0.0 && value < 1e6 => {
                let (_, end) = self.advance();
                Ok(Subscript::Position(value as usize, start.to(end)))
            }
            _ => Err(self.unexpected("the number of a dimension")),
        }
    }

    /// `Dimension.*`
    fn all_of(&mut self) -> Option<String> {
        let Token::Name(name) = self.peek() else { return None };
        let name = name.strip_suffix('.')?.to_owned();
        if self.tokens.get(self.next + 1)?.0 != Token::Symbol("*") {
            return None;
        }
        self.advance();
        self.advance();
        Some(name)
    }

    /// An element name of several words, as in `[Entry 1]`, up to the comma or bracket.
    fn element_of_words(&mut self) -> Option<Expr> {
        let rest = &self.tokens[self.next..];
        let words = rest
            .iter()
            .take_while(|(token, _)| matches!(token, Token::Name(_) | Token::Number(_)))
            .count();
        let ends = matches!(rest.get(words)?.0, Token::Symbol("," | "]"));
        if words < 2 || !ends || !matches!(rest[0].0, Token::Name(_)) {
            return None;
        }
        let mut parts = Vec::new();
        let mut span = self.span();
        for _ in 0..words {
            let (token, place) = self.advance();
            span = span.to(place);
            parts.push(match token {
                Token::Name(name) => name,
                Token::Number(value) => format!("{value}"),
                _ => String::new(),
            });
        }
        Some(Expr { node: ExpressionNode::Name(parts.join("_")), span, depth: 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        fn show(expr: &Expr) -> String {
            match &expr.node {
                ExpressionNode::Number(value) => value.to_string(),
                ExpressionNode::Name(name) => name.clone(),
                ExpressionNode::Unary(operator, operand) => {
                    format!("({operator:?} {})", show(operand))
                }
                ExpressionNode::Binary(operator, left, right) => {
                    format!("({operator:?} {} {})", show(left), show(right))
                }
                ExpressionNode::Call { name, arguments, .. } => {
                    let shown: Vec<String> = arguments.iter().map(show).collect();
                    format!("{name}({})", shown.join(" "))
                }
                ExpressionNode::If(parts) => {
                    format!("(If {} {} {})", show(&parts[0]), show(&parts[1]), show(&parts[2]))
                }
                ExpressionNode::Subscripted(name, subscripts) => {
                    format!("{name}[{}]", subscripts.len())
                }
                ExpressionNode::Transposed(inner) => format!("{}'", show(inner)),
            }
        }
        parse(text, 100).map_or_else(|problem| problem.to_string(), |expr| show(&expr))
    }

    #[test]
    fn precedence_follows_the_standard() {
        assert_eq!(shape("-2^2"), "(Minus (Power 2 2))");
        assert_eq!(shape("2^3^2"), "(Power 2 (Power 3 2))");
        assert_eq!(shape("2^-1*3"), "(Multiply (Power 2 (Minus 1)) 3)");
        assert_eq!(shape("a - b - c"), "(Subtract (Subtract a b) c)");
        assert_eq!(shape("a + b mod c"), "(Add a (Modulo b c))");
        assert_eq!(shape("a or b and c = d < e"), "(Or a (And b (Equal c (Less d e))))");
        assert_eq!(shape("not a = b"), "(Equal (Not a) b)");
        assert_eq!(shape("-a * b"), "(Multiply (Minus a) b)");
        assert_eq!(shape("IF a not THEN 1 ELSE 0"), "(If (Not a) 1 0)");
        assert_eq!(shape("a and (b = c) not"), "(And a (Not (Equal b c)))");
    }

    #[test]
    fn names_comments_and_conditions_are_read() {
        assert_eq!(shape("\"Flow w/ (x)\" {why} + Sub.\"a b\""), "(Add flow_w/_(x) sub.a_b)");
        assert_eq!(shape("if a then b else c + 1"), "(If a b (Add c 1))");
        assert_eq!(shape("EXPRESSION MACRO(a, .5)"), "expression_macro(a 0.5)");
        assert_eq!(shape("a[Entry 1, *]' "), "a[2]'");
        assert_eq!(shape("3e-05 + 2E+3 + 1.e2"), "(Add (Add 0.00003 2000) 100)");
    }

    #[test]
    fn faults_name_the_place() {
        let problem = parse("a + * b", 100).expect_err("not an equation");
        assert_eq!(problem.span(), Some(Span::new(4, 5)));
        assert!(parse(&"(".repeat(5_000), 100).expect_err("too deep").is_limit());
        assert!(parse(&vec!["1"; 5_000].join("+"), 100).expect_err("too deep").is_limit());
    }
}
