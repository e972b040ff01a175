//! An XML tree that can be changed and written again.

/// An element, without text.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Tree>,
}

impl Tree {
    pub fn parse(text: &str) -> Tree {
        fn of(node: roxmltree::Node<'_, '_>) -> Tree {
            let attributes = node.attributes().map(|it| (it.name().to_owned(), it.value().to_owned()));
            Tree {
                name: node.tag_name().name().into(),
                attributes: attributes.collect(),
                children: node.children().filter(|child| child.is_element()).map(of).collect(),
            }
        }
        of(roxmltree::Document::parse(text).unwrap().root_element())
    }

    pub fn write(&self) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let attributes =
            self.attributes.iter().map(|(name, value)| format!(" {name}=\"{}\"", escaped(value)));
        let children = self.children.iter().map(Tree::write);
        let (attributes, children): (String, String) = (attributes.collect(), children.collect());
        format!("<{0}{attributes}>{children}</{0}>", self.name)
    }

    /// The element at the end of `path`, a child's place at each step.
    pub fn at(&mut self, path: &[usize]) -> &mut Tree {
        path.iter().fold(self, |tree, &place| &mut tree.children[place])
    }

    /// The paths of all elements. Of children of one name, only so many: more would say nothing new.
    pub fn paths(&self, most: usize) -> Vec<Vec<usize>> {
        let mut paths = vec![Vec::new()];
        for (place, child) in self.children.iter().enumerate() {
            let before = self.children[..place].iter().filter(|other| other.name == child.name).count();
            if before < most {
                paths.extend(child.paths(most).into_iter().map(|path| [vec![place], path].concat()));
            }
        }
        paths
    }
}
