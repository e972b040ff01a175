//! An expression with its derivatives, split into what depends on a configuration and what depends on parameters alone.
use super::graph::{Graph, Id, Node};
use super::parse::{ExpressionError, parse};
use super::scope::Scope;

/// A value and its derivatives by the variables that differ between configurations; the other variables are parameters.
#[derive(Clone, Debug)]
pub struct Function {
    graph: Graph,
    /// How many of the variables, the first ones, differ between configurations.
    variables: usize,
    /// The value, then the derivative by each of those variables.
    roots: Vec<Id>,
    /// Nodes that parameters alone give and that others are made of.
    folded: Vec<Id>,
    /// Everything that the folded nodes are made of, in order.
    folding: Vec<Id>,
}

impl Function {
    /// Reads an expression whose first `variables` variables differ between configurations, and differentiates it by them.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn new(text: &str, scope: &Scope, variables: usize) -> Result<Function, ExpressionError> {
        let (mut graph, root) = parse(text, scope)?;
        let mut roots = vec![root];
        roots.extend((0..variables).map(|variable| graph.derivative(root, variable as u32)));
        let all = graph.reachable(&roots);
        let varying = varying(&graph, &all, variables);
        let mut folded: Vec<Id> = roots.clone();
        for &id in all.iter().filter(|id| varying[id.index()]) {
            folded.extend(graph.node(id).children());
        }
        folded.retain(|&id| !varying[id.index()] && graph.as_constant(id).is_none());
        folded.sort_unstable();
        folded.dedup();
        let folding = graph.reachable(&folded);
        Ok(Function { graph, variables, roots, folded, folding })
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// How many variables differ between configurations.
    pub fn variables(&self) -> usize {
        self.variables
    }

    /// The value, then its derivatives.
    pub fn roots(&self) -> &[Id] {
        &self.roots
    }

    /// Nodes that parameters alone give.
    pub fn folded(&self) -> &[Id] {
        &self.folded
    }

    /// The values of the folded nodes for these parameters (the variables after those that differ between configurations).
    pub fn fold(&self, parameters: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut variables = vec![f64::NAN; self.variables];
        variables.extend(parameters);
        let values = self.graph.values(&self.folding, &variables);
        self.folded.iter().map(|id| values[id.index()]).collect()
    }

    /// The value and the derivatives, in double precision.
    pub fn evaluate(&self, variables: &[f64]) -> Vec<f64> {
        let values = self.graph.values(&self.graph.reachable(&self.roots), variables);
        self.roots.iter().map(|root| values[root.index()]).collect()
    }
}

/// Which nodes depend on one of the first `variables` variables, by node.
fn varying(graph: &Graph, order: &[Id], variables: usize) -> Vec<bool> {
    let mut varying = vec![false; order.last().map_or(0, |id| id.index() + 1)];
    for &id in order {
        varying[id.index()] = match graph.node(id) {
            Node::Variable(index) => (index as usize) < variables,
            node => node.children().any(|child| varying[child.index()]),
        };
    }
    varying
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    #[test]
    fn what_parameters_give_is_folded() {
        let scope = Scope::new(["r", "k", "r0"].map(String::from).to_vec(), Vec::new());
        let function = Function::new("0.5*k*(r-r0)^2+sqrt(k)*exp(r0)", &scope, 1).unwrap();
        // k/2, r0 and the product of root and exponential; the derivative needs no more.
        assert_eq!(function.folded().len(), 3);
        let folded = function.fold([4.0, 0.0]);
        assert!(folded.contains(&2.0) && folded.contains(&0.0));
        assert_eq!(function.evaluate(&[3.0, 4.0, 1.0])[1], 8.0);
    }

    /// Every function and operator at places without kinks.
    const SMOOTH: [&str; 24] = [
        "sqrt(x)*exp(-y)/log(x+1)",
        "sin(x)*cos(y)+sec(x*y)-csc(x+y)",
        "tan(x)/cot(y)",
        "asin(x/4)+acos(y/4)+atan(x*y)",
        "atan2(x, y)+atan2(y, -x)",
        "sinh(x)+cosh(y)*tanh(x-y)",
        "erf(x)*erfc(y)",
        "square(x)*cube(y)-recip(x*y)",
        "x^y",
        "x^2.5+y^-3+x^7+(x*y)^0.5",
        "2^x+x^(y+1)",
        "abs(x-y)+abs(y-x)^3",
        "min(x, y)*max(x^2, y)",
        "select(step(x-y), x*y, x/y)",
        "floor(x*3)*y+ceil(y*5)*x",
        "step(x-0.5)*x+delta(x)*y",
        "-x^2-(-y)^3",
        "x-x*y/(x+y)+x/y/x",
        "1/(1+exp(-x/y))",
        "(1/x)*(1/y)+x/(1/y)-(-x)*(-y)",
        "a*b+a; a=x*b; b=sin(y)",
        "(x^2)^0.5+sqrt(y)^2",
        "max(0, x-0.3)^2+min(0, y-5)^2",
        "log(cosh(x))*exp(-x^2/y^2)",
    ];

    #[test]
    fn derivatives_are_limits_of_differences() {
        let scope = Scope::new(["x", "y"].map(String::from).to_vec(), Vec::new());
        let mut random = Random(12345);
        for text in SMOOTH {
            let function = Function::new(text, &scope, 2).unwrap();
            let compared: usize = (0..50).map(|_| compare(text, &function, &mut random)).sum();
            assert!(compared > 50, "{text}: {compared}");
        }
    }

    #[test]
    fn derivatives_of_random_expressions_are_limits_of_differences() {
        let scope = Scope::new(["x", "y", "p"].map(String::from).to_vec(), Vec::new());
        let mut random = Random(99);
        let mut compared = 0;
        for _ in 0..2000 {
            let depth = 1 + random.below(4);
            let text = random.expression(depth);
            let function = Function::new(&text, &scope, 2).unwrap();
            compared += compare(&text, &function, &mut random);
        }
        assert!(compared > 2000, "{compared}");
    }

    /// Compares the two derivatives at a random place with differences; returns how many had any.
    fn compare(text: &str, function: &Function, random: &mut Random) -> usize {
        let place: [f64; 3] = std::array::from_fn(|_| 0.6 + 1.3 * random.number());
        let found = function.evaluate(&place);
        let mut compared = 0;
        for axis in 0..2 {
            let at = |shift: f64| {
                let mut place = place;
                place[axis] += shift;
                function.evaluate(&place)[0]
            };
            // Five points; a kink or pole within reach shows as disagreement of two steps.
            let slope = |h: f64| (8.0 * (at(h) - at(-h)) - at(2.0 * h) + at(-2.0 * h)) / (12.0 * h);
            let (wide, narrow) = (slope(2e-4), slope(1e-4));
            let scale = wide.abs().max(found[0].abs()).max(1.0);
            let settled = (wide - narrow).abs() <= 1e-8 * scale && scale < 1e6;
            // Where an intermediate number is infinite the derivative may be none, as in OpenMM; it is never another number.
            if !settled || !found[axis + 1].is_finite() {
                continue;
            }
            compared += 1;
            assert!(
                (found[axis + 1] - narrow).abs() < 1e-7 * scale,
                "{text} at {place:?} by {axis}: {} is not {narrow}",
                found[axis + 1]
            );
        }
        compared
    }

    #[test]
    fn kinks_have_the_side_of_lepton() {
        let scope = Scope::new(vec!["x".into()], Vec::new());
        for (text, place, slope) in [
            ("abs(x)", 0.0, 1.0),
            ("min(x, 2*x)", 0.0, 2.0),
            ("max(x, 2*x)", 0.0, 1.0),
            ("select(step(x), 3*x, 5*x)", 0.0, 3.0),
            ("step(x)", 0.0, 0.0),
            ("floor(x)", 1.0, 0.0),
        ] {
            assert_eq!(Function::new(text, &scope, 1).unwrap().evaluate(&[place])[1], slope, "{text}");
        }
    }
}
