//! From text to a graph, by the grammar of Lepton.
//!
//! `-x^2` is `-(x^2)`, `x^y^z` is `x^(y^z)`, `x^-y*z` is `(x^-y)*z`. After the first `;` follow definitions `name = expression`; each may use
//! those *after* it.
use super::graph::{Graph, Id};
use super::operator::{Binary, Unary};
use super::scope::Scope;
use super::token::{Kind, Token, is_space, tokens};
use std::collections::HashMap;
use std::sync::Arc;

/// Parentheses, functions, signs and powers within each other.
const DEEPEST: usize = 200;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {position} of \"{text}\": expected {expected}, found '{found}'")]
pub struct ExpressionError {
    /// Counted from 1.
    pub position: usize,
    /// What would do.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// The whole expression.
    pub text: String,
}

/// Reads `text` into a graph; returns the node of its value.
///
/// # Errors
/// If it is no expression, names a function or variable that `scope` does not have, or is nested too deeply. A variable that
/// drops out (`0*x`, a definition that nobody uses) may be unknown, as in OpenMM.
pub fn parse(text: &str, scope: &Scope) -> Result<(Graph, Id), ExpressionError> {
    let mut graph = Graph::new(scope.tables.iter().map(|(_, table)| Arc::clone(table)).collect());
    let mut unknown = HashMap::new();
    let mut definitions = HashMap::new();
    let mut end = text.len();
    while let Some(separator) = text[..end].rfind(';') {
        let (start, part) = (separator + 1, &text[separator + 1..end]);
        end = separator;
        if part.bytes().all(is_space) {
            continue;
        }
        let fail = |expected: &str| ExpressionError {
            position: character(text, start),
            expected: expected.into(),
            found: part.trim().into(),
            text: text.into(),
        };
        let (name, value) = part.split_once('=').ok_or_else(|| fail("a definition, name = expression"))?;
        let name = name.trim_matches(|c: char| u8::try_from(c).is_ok_and(is_space));
        if name.is_empty() {
            return Err(fail("a name before '='"));
        }
        let offset = end + 1 + part.len() - value.len();
        let mut parser = Parser::new(text, value, offset, scope, &mut graph, &definitions, &mut unknown);
        let id = parser.whole()?;
        definitions.insert(name, id);
    }
    let mut parser = Parser::new(text, &text[..end], 0, scope, &mut graph, &definitions, &mut unknown);
    let root = parser.whole()?;
    let reachable = graph.reachable(&[root]);
    let missing = unknown.into_iter().filter(|(_, (id, _))| reachable.binary_search(id).is_ok());
    match missing.min_by_key(|(_, (_, start))| *start) {
        None => Ok((graph, root)),
        Some((name, (_, start))) => Err(ExpressionError {
            position: character(text, start),
            expected: format!("one of the variables {}", scope.variables.join(", ")),
            found: format!("the unknown variable {name}"),
            text: text.into(),
        }),
    }
}

/// The number of a character, from 1, by its byte.
fn character(text: &str, byte: usize) -> usize {
    text[..byte].chars().count() + 1
}

struct Parser<'a, 'b> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    end: usize,
    position: usize,
    depth: usize,
    scope: &'b Scope,
    graph: &'b mut Graph,
    definitions: &'b HashMap<&'a str, Id>,
    unknown: &'b mut HashMap<&'a str, (Id, usize)>,
}

impl<'a, 'b> Parser<'a, 'b> {
    fn new(
        text: &'a str,
        part: &'a str,
        offset: usize,
        scope: &'b Scope,
        graph: &'b mut Graph,
        definitions: &'b HashMap<&'a str, Id>,
        unknown: &'b mut HashMap<&'a str, (Id, usize)>,
    ) -> Self {
        Self {
            text,
            tokens: tokens(part, offset),
            end: offset + part.len(),
            position: 0,
            depth: 0,
            scope,
            graph,
            definitions,
            unknown,
        }
    }

    fn whole(&mut self) -> Result<Id, ExpressionError> {
        let result = self.expression(0)?;
        match self.next() {
            None => Ok(result),
            Some(_) => Err(self.fail("an operator or the end")),
        }
    }

    fn next(&self) -> Option<Token<'a>> {
        self.tokens.get(self.position).copied()
    }

    fn is_next(&self, kind: Kind) -> bool {
        self.next().is_some_and(|token| token.kind == kind)
    }

    /// The next word is not as expected.
    fn fail(&self, expected: impl Into<String>) -> ExpressionError {
        let (start, found) = match self.next() {
            Some(token) => (token.start, token.text.to_owned()),
            None => (self.end, "the end".into()),
        };
        ExpressionError {
            position: character(self.text, start),
            expected: expected.into(),
            found,
            text: self.text.into(),
        }
    }

    /// A value and the operators after it that bind at least as strongly as `precedence`.
    fn expression(&mut self, precedence: u8) -> Result<Id, ExpressionError> {
        if self.depth == DEEPEST {
            return Err(self.fail(format!("at most {DEEPEST} levels of nesting")));
        }
        self.depth += 1;
        let mut result = self.value()?;
        while let Some(Token { kind: Kind::Operator, text, .. }) = self.next() {
            // A sum is 0, a product 1, a sign 2, a power 3; powers associate to the right.
            let (operator, level, right) = match text {
                "+" => (Binary::Add, 0, 1),
                "-" => (Binary::Subtract, 0, 1),
                "*" => (Binary::Multiply, 1, 2),
                "/" => (Binary::Divide, 1, 2),
                _ => (Binary::Power, 3, 3),
            };
            if level < precedence {
                break;
            }
            self.position += 1;
            let operand = self.expression(right)?;
            result = self.graph.binary(operator, result, operand);
        }
        self.depth -= 1;
        Ok(result)
    }

    fn value(&mut self) -> Result<Id, ExpressionError> {
        let expected = "a number, a variable, a function, '(' or '-'";
        let Some(token) = self.next() else { return Err(self.fail(expected)) };
        match token.kind {
            Kind::Number => match token.text.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    self.position += 1;
                    Ok(self.graph.constant(number))
                }
                _ => Err(self.fail("a finite number")),
            },
            Kind::Variable => {
                self.position += 1;
                Ok(self.variable(token))
            }
            Kind::Open => {
                self.position += 1;
                let result = self.expression(0)?;
                self.close()?;
                Ok(result)
            }
            Kind::Function => self.function(token.text.trim_end_matches('(')),
            Kind::Operator if token.text == "-" => {
                self.position += 1;
                let operand = self.expression(2)?;
                Ok(self.graph.unary(Unary::Negate, operand))
            }
            _ => Err(self.fail(expected)),
        }
    }

    fn close(&mut self) -> Result<(), ExpressionError> {
        if !self.is_next(Kind::Close) {
            return Err(self.fail("')'"));
        }
        self.position += 1;
        Ok(())
    }

    /// A definition, a variable of the scope, or a variable whose use will be an error.
    fn variable(&mut self, token: Token<'a>) -> Id {
        if let Some(&id) = self.definitions.get(token.text) {
            return id;
        }
        if let Some(index) = self.scope.variables.iter().position(|name| name == token.text) {
            return self.graph.variable(index as u32);
        }
        let next = self.scope.variables.len() + self.unknown.len();
        let graph = &mut *self.graph;
        let entry = self.unknown.entry(token.text);
        entry.or_insert_with(|| (graph.variable(next as u32), token.start)).0
    }

    fn function(&mut self, name: &str) -> Result<Id, ExpressionError> {
        let table = self.scope.tables.iter().position(|(table, _)| table == name);
        let wanted = match table {
            Some(table) => self.scope.tables[table].1.arguments(),
            None if Unary::named(name).is_some() => 1,
            None if Binary::named(name).is_some() => 2,
            None if name == "select" => 3,
            None => return Err(self.fail("a function that is known")),
        };
        self.position += 1;
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.expression(0)?);
            if !self.is_next(Kind::Comma) || arguments.len() == wanted {
                break;
            }
            self.position += 1;
        }
        if arguments.len() < wanted {
            return Err(self.fail(format!("{wanted} arguments of '{name}'")));
        }
        self.close()?;
        let [first, second, third] =
            std::array::from_fn(|index| arguments.get(index).copied().unwrap_or(arguments[0]));
        if let Some(table) = table {
            return Ok(self.graph.table(table as u32, None, [first, second, third]));
        }
        Ok(match (Unary::named(name), Binary::named(name)) {
            (Some(operator), _) => self.graph.unary(operator, first),
            (_, Some(operator)) => self.graph.binary(operator, first, second),
            _ => self.graph.select(first, second, third),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        let scope = Scope::new(["x", "y"].map(String::from).to_vec(), Vec::new());
        let (graph, root) = parse(text, &scope).unwrap();
        graph.evaluate(root, &[3.0, 2.0])
    }

    fn error(text: &str) -> (usize, String) {
        let scope = Scope::new(["x", "y"].map(String::from).to_vec(), Vec::new());
        let error = parse(text, &scope).unwrap_err();
        (error.position, error.to_string())
    }

    #[test]
    fn precedence() {
        for (text, expected) in [
            ("-x^2", -9.0),
            ("2^3^2", 512.0),
            ("2^-1*x", 1.5),
            ("2^-y^2", 0.0625),
            ("-x*y", -6.0),
            ("8-x-y", 3.0),
            ("12/x/y", 2.0),
            ("12/x*y", 8.0),
            ("x--y", 5.0),
            ("x*-y", -6.0),
            ("(-x)^2", 9.0),
            ("1+x*y^2", 13.0),
            ("1e1+.5+2.", 12.5),
            ("select(step(x-y), x, y)", 3.0),
            ("min(x, y)+max(x, y)*10", 32.0),
            ("delta(x-3)+step(0)+step(-1)", 2.0),
            ("recip(x)*cube(x)-square(x)", 0.0),
            ("floor(x/y)+ceil(x/y)", 3.0),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn definitions_use_what_follows_them() {
        assert_eq!(value("a*b; a = b + 1; b = x*y ;"), 42.0);
        assert_eq!(value("x;;x=y; ;"), 2.0);
        // The later of two is replaced by the earlier one.
        assert_eq!(value("a; a=a+1; a=x"), 4.0);
        assert!(error("a; b=x; a=b").1.contains("unknown variable b"));
        // What drops out may be unknown.
        assert_eq!(value("x+0*z; unused=w"), 3.0);
    }

    #[test]
    fn errors_say_where() {
        for (text, position, part) in [
            ("", 1, "found 'the end'"),
            ("x+", 3, "found 'the end'"),
            ("x+*y", 3, "found '*'"),
            ("+x", 1, "found '+'"),
            ("(x", 3, "expected ')'"),
            ("x)", 2, "found ')'"),
            ("2x", 2, "found 'x'"),
            ("x+foo(y)", 3, "found 'foo('"),
            ("min(x)", 6, "2 arguments of 'min'"),
            ("sin(x, y)", 6, "expected ')'"),
            ("x+1e", 3, "a finite number"),
            ("x+1e999", 3, "a finite number"),
            ("x+a; b", 5, "a definition"),
            ("x; =y", 3, "a name before '='"),
            ("x+a; a=y*z", 10, "unknown variable z"),
            ("é+x", 1, "unknown variable é"),
            ("x+é y", 5, "found 'y'"),
        ] {
            let (found, message) = error(text);
            assert_eq!(found, position, "{text}: {message}");
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn depth_is_bounded_and_length_is_not() {
        for deep in ["(", "-", "sin(", "2^"] {
            assert!(error(&format!("{}x", deep.repeat(100_000))).1.contains("levels of nesting"));
        }
        assert_eq!(value(&format!("x{}", "+1".repeat(100_000))), 100_003.0);
        // Doubled thirty times: a tree would have 2^30 leaves.
        let mut text = "a0".to_owned();
        for index in 0..30 {
            text += &format!(";a{index}=a{next}+a{next}", next = index + 1);
        }
        assert_eq!(value(&(text + ";a30=x")), 3.0 * f64::from(1 << 30));
    }
}
