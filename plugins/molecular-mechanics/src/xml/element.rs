//! An element of the file, read strictly: what nobody asked for is refused by name when its reader ends.
//!
//! An element is only handed to a reader by [`Element::child`] and [`Element::list`], which end it with [`Element::finish`]: an
//! attribute, child or text that the reader left alone makes the System one that is not understood.
use super::{SystemError, unsupported, version};
use roxmltree::{Node, NodeId};
use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;

/// An element, the force that it belongs to, for messages, and what was read of it.
pub struct Element<'a, 'input> {
    node: Node<'a, 'input>,
    force: &'a str,
    /// Its place in its list.
    place: Option<usize>,
    version: Cell<Option<i64>>,
    /// Whether each attribute, in the order of the file, was read.
    attributes: RefCell<Vec<bool>>,
    children: RefCell<Vec<NodeId>>,
}

impl<'a, 'input> Element<'a, 'input> {
    /// The root of a document, whose messages name `force`. End it with [`Self::finish`].
    pub fn root(node: Node<'a, 'input>, force: &'a str) -> Self {
        Self::new(node, force, None)
    }

    fn new(node: Node<'a, 'input>, force: &'a str, place: Option<usize>) -> Self {
        Self {
            node,
            force,
            place,
            version: Cell::new(None),
            attributes: RefCell::new(vec![false; node.attributes().len()]),
            children: RefCell::new(Vec::new()),
        }
    }

    /// Names `force` in messages about the element and what is in it.
    pub fn named(&mut self, force: &'a str) {
        self.force = force;
    }

    /// The tag.
    pub fn name(&self) -> &'a str {
        self.node.tag_name().name()
    }

    /// Force, tag and place in the list, for messages.
    pub fn place(&self) -> String {
        let name = self.name();
        match (name, self.place) {
            ("Force", _) => self.force.into(),
            (_, Some(place)) => format!("{}, <{name}> {place}", self.force),
            (_, None) => format!("{}, <{name}>", self.force),
        }
    }

    /// Reads the child `name`, which must be there once.
    pub fn child<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Element<'a, 'input>) -> Result<T, SystemError>,
    ) -> Result<T, SystemError> {
        let mut found = self.node.children().filter(|child| child.has_tag_name(name));
        let node = found.next().ok_or_else(|| self.missing(format!("<{name}>")))?;
        if found.next().is_some() {
            return Err(self.bad(format!("<{name}> once"), "a second one"));
        }
        self.children.borrow_mut().push(node.id());
        let child = Element::new(node, self.force, None);
        let value = read(&child)?;
        child.finish()?;
        Ok(value)
    }

    /// Whether there is a child `name`: for what older files leave out.
    pub fn has_child(&self, name: &str) -> bool {
        self.node.children().any(|child| child.has_tag_name(name))
    }

    /// Reads the children of the child `name`, which must be there, and all of whose children must be `item`.
    pub fn list<T>(
        &self,
        name: &str,
        item: &str,
        mut read: impl FnMut(&mut Element<'a, 'input>) -> Result<T, SystemError>,
    ) -> Result<Vec<T>, SystemError> {
        self.child(name, |list| list.items(item, &mut read))
    }

    /// Reads all children, which must be `item`.
    pub fn items<T>(
        &self,
        item: &str,
        mut read: impl FnMut(&mut Element<'a, 'input>) -> Result<T, SystemError>,
    ) -> Result<Vec<T>, SystemError> {
        let mut values = Vec::new();
        for (place, node) in self.node.children().filter(Node::is_element).enumerate() {
            if !node.has_tag_name(item) {
                return Err(unsupported(format!("<{}> in '{}'", node.tag_name().name(), self.place())));
            }
            self.children.borrow_mut().push(node.id());
            let mut element = Element::new(node, self.force, Some(place));
            values.push(read(&mut element)?);
            element.finish()?;
        }
        Ok(values)
    }

    /// Refuses an element of which something was not read: an attribute, a child, or text.
    pub fn finish(&self) -> Result<(), SystemError> {
        let version = self.version.get().map_or(String::new(), |version| format!(" (version {version})"));
        let not_understood =
            |what: String| Err(unsupported(format!("{what} of '{}'{version}", self.place())));
        if self.node.tag_name().namespace().is_some() {
            return not_understood("the namespace".into());
        }
        for (attribute, &read) in self.node.attributes().zip(self.attributes.borrow().iter()) {
            if !read {
                return not_understood(format!("attribute {}=\"{}\"", attribute.name(), attribute.value()));
            }
        }
        for child in self.node.children() {
            if child.is_element() && !self.children.borrow().contains(&child.id()) {
                return not_understood(format!("<{}>", child.tag_name().name()));
            }
            if let Some(text) = child.text().filter(|text| child.is_text() && !text.trim().is_empty()) {
                return not_understood(format!("the text \"{}\"", text.trim()));
            }
        }
        Ok(())
    }

    /// The version of this force, System or function, which must be one that is read.
    pub fn version(&self, kind: &str) -> Result<i64, SystemError> {
        let text = self.text("version")?;
        let version = version::read(kind, text)
            .ok_or_else(|| self.bad(format!("version {} of {kind}", version::all(kind)), text))?;
        self.version.set(Some(version));
        Ok(version)
    }

    /// The tag of the first child, whatever it is; it is not read by this.
    pub fn first_child(&self) -> Option<&'a str> {
        self.node.children().find(Node::is_element).map(|child| child.tag_name().name())
    }

    /// Whether there is such an attribute; it is not read by this.
    pub fn has(&self, attribute: &str) -> bool {
        self.node.has_attribute(attribute)
    }

    pub fn optional(&self, attribute: &str) -> Option<&'a str> {
        let place = self
            .node
            .attributes()
            .position(|found| found.name() == attribute && found.namespace().is_none())?;
        self.attributes.borrow_mut()[place] = true;
        self.node.attribute(attribute)
    }

    pub fn text(&self, attribute: &str) -> Result<&'a str, SystemError> {
        self.optional(attribute).ok_or_else(|| self.missing(format!("attribute '{attribute}'")))
    }

    /// A finite number.
    pub fn number(&self, attribute: &str) -> Result<f64, SystemError> {
        self.number_where(attribute, "a finite number", |_| true)
    }

    /// A finite number for which `holds`; `expected` says in words what that is.
    pub fn number_where(
        &self,
        attribute: &str,
        expected: &str,
        holds: impl FnOnce(f64) -> bool,
    ) -> Result<f64, SystemError> {
        let text = self.text(attribute)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && holds(number) => Ok(number),
            _ => Err(self.bad(format!("{expected} in '{attribute}'"), text)),
        }
    }

    /// A finite number that is not below zero.
    pub fn not_negative(&self, attribute: &str) -> Result<f64, SystemError> {
        self.number_where(attribute, "a finite number not below zero", |number| number >= 0.0)
    }

    /// A finite number above zero.
    pub fn positive(&self, attribute: &str) -> Result<f64, SystemError> {
        self.number_where(attribute, "a finite number above zero", |number| number > 0.0)
    }

    /// A whole number in `range`.
    pub fn whole(&self, attribute: &str, range: RangeInclusive<i64>) -> Result<i64, SystemError> {
        let text = self.text(attribute)?;
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            let expected =
                format!("a whole number from {} to {} in '{attribute}'", range.start(), range.end());
            self.bad(expected, text)
        })
    }

    /// A whole number below `end`.
    pub fn index(&self, attribute: &str, end: usize) -> Result<usize, SystemError> {
        let text = self.text(attribute)?;
        text.parse()
            .ok()
            .filter(|&index: &usize| index < end)
            .ok_or_else(|| self.bad(format!("a whole number below {end} in '{attribute}'"), text))
    }

    /// On or off, as 1 or 0.
    pub fn switch(&self, attribute: &str) -> Result<bool, SystemError> {
        match self.text(attribute)? {
            "0" => Ok(false),
            "1" => Ok(true),
            other => Err(self.bad(format!("0 or 1 in '{attribute}'"), other)),
        }
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
                    let expected =
                        format!("different atoms in '{}' and '{}'", attributes[second], attributes[first]);
                    return Err(self.bad(expected, &indices[first].to_string()));
                }
            }
        }
        Ok(indices)
    }

    /// Refuses a force whose switch `attribute` is on; `what` says what that is.
    pub fn refuse_if(&self, attribute: &str, what: &str) -> Result<(), SystemError> {
        match self.switch(attribute)? {
            false => Ok(()),
            true => Err(unsupported(format!("{what} ({attribute}=\"1\") of '{}'", self.place()))),
        }
    }

    pub fn missing(&self, expected: String) -> SystemError {
        SystemError::Missing { place: self.place(), expected }
    }

    pub fn bad(&self, expected: String, found: &str) -> SystemError {
        SystemError::BadValue { place: self.place(), expected, found: found.into() }
    }
}
