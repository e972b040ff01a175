//! An element of the file with typed access to what is in it.
use super::SystemError;
use roxmltree::Node;

/// An element, and the force that it belongs to, for messages.
#[derive(Clone, Copy)]
pub struct Element<'a, 'input> {
    node: Node<'a, 'input>,
    force: &'a str,
}

impl<'a, 'input> Element<'a, 'input> {
    pub fn new(node: Node<'a, 'input>, force: &'a str) -> Self {
        Self { node, force }
    }

    /// The same element, whose messages name `force`.
    pub fn within(self, force: &'a str) -> Self {
        Self { force, ..self }
    }

    /// The tag.
    pub fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// Force and tag, for messages.
    pub fn place(&self) -> String {
        match self.name() {
            "Force" => self.force.into(),
            name => format!("{}, <{name}>", self.force),
        }
    }

    /// The element children.
    pub fn children(&self) -> impl Iterator<Item = Element<'a, 'input>> + use<'a, 'input> {
        let force = self.force;
        self.node.children().filter(Node::is_element).map(move |node| Element { node, force })
    }

    /// The child called `name`.
    pub fn child(&self, name: &str) -> Result<Element<'a, 'input>, SystemError> {
        self.children().find(|child| child.name() == name).ok_or_else(|| self.missing(format!("<{name}>")))
    }

    /// Children of the child called `name`; none if it is absent.
    pub fn list(&self, name: &str) -> Vec<Element<'a, 'input>> {
        self.child(name).map(|list| list.children().collect()).unwrap_or_default()
    }

    pub fn optional(&self, attribute: &str) -> Option<&'a str> {
        self.node.attribute(attribute)
    }

    pub fn text(&self, attribute: &str) -> Result<&'a str, SystemError> {
        self.optional(attribute).ok_or_else(|| self.missing(format!("attribute '{attribute}'")))
    }

    /// A finite number.
    pub fn number(&self, attribute: &str) -> Result<f64, SystemError> {
        let text = self.text(attribute)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.bad(format!("a finite number in '{attribute}'"), text)),
        }
    }

    /// A whole number below `end`.
    pub fn index(&self, attribute: &str, end: usize) -> Result<usize, SystemError> {
        let text = self.text(attribute)?;
        text.parse()
            .ok()
            .filter(|&index: &usize| index < end)
            .ok_or_else(|| self.bad(format!("a whole number below {end} in '{attribute}'"), text))
    }

    /// Different atoms, one by each attribute.
    pub fn atoms<const N: usize>(
        &self,
        attributes: [&str; N],
        atoms: usize,
    ) -> Result<[usize; N], SystemError> {
        let mut indices = [0; N];
        for (index, attribute) in indices.iter_mut().zip(attributes) {
            *index = self.index(attribute, atoms)?;
        }
        for first in 0..N {
            for second in 0..first {
                if indices[first] == indices[second] {
                    return Err(self.bad("different atoms".into(), &indices[first].to_string()));
                }
            }
        }
        Ok(indices)
    }

    /// Refuses a force whose switch `attribute` is on.
    pub fn refuse_if(&self, attribute: &str, what: &str) -> Result<(), SystemError> {
        match self.optional(attribute) {
            None | Some("0") => Ok(()),
            Some(_) => Err(super::unsupported(format!("{what} of '{}'", self.force))),
        }
    }

    /// Refuses a force in which the list `name` has anything.
    pub fn refuse_list(&self, name: &str) -> Result<(), SystemError> {
        match self.list(name).first() {
            None => Ok(()),
            Some(_) => Err(super::unsupported(format!("<{name}> of '{}'", self.force))),
        }
    }

    fn missing(&self, expected: String) -> SystemError {
        SystemError::Missing { place: self.place(), expected }
    }

    pub fn bad(&self, expected: String, found: &str) -> SystemError {
        SystemError::BadValue { place: self.place(), expected, found: found.into() }
    }
}
