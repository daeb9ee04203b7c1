//! The argument vectors that a declaration can produce, one for each path through its branches.

use crate::language::command_line::{HOLE, Word, dashes};
use crate::syntax::args::{Body, Item};
use crate::syntax::value::Value;
use syn::Expr;

/// The arguments of a declaration, and the sequences of them that a program can receive.
#[derive(Default)]
pub(super) struct Argv<'a> {
    pub(super) arguments: Vec<Argument<'a>>,
    /// Each path is a sequence of indices into `arguments`.
    pub(super) paths: Vec<Vec<usize>>,
}

/// One argument, or a list of them.
pub(super) struct Argument<'a> {
    /// The expression that a message points at.
    pub(super) shown: &'a Expr,
    pub(super) text: Vec<u8>,
    pub(super) place: OperandPlace,
    pub(super) holes: &'a [String],
    computed: bool,
    verbatim: bool,
    /// It is the value in `("--option", value)`.
    behind_option: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OperandPlace {
    /// An item of its own.
    Word,
    /// `("--option", …)`.
    Option,
    /// `(…, value)`: declared as the value of an option.
    Value,
    /// `"--option" = value`.
    Pair,
    List,
}

impl Argument<'_> {
    pub(super) fn word(&self) -> Word<'_> {
        Word {
            text: &self.text,
            is_list: self.place == OperandPlace::List,
            is_computed: self.computed,
            is_verbatim: self.verbatim,
            is_value: self.behind_option,
        }
    }

    pub(super) fn is_examined(&self) -> bool {
        !self.verbatim && self.place != OperandPlace::List
    }
}

/// A node in the tree of branches.
enum Node {
    One(usize),
    Branches(Vec<Vec<Node>>),
}

/// The maximum number of paths. Beyond it, all branches are appended to each path one after another.
const MOST: usize = 64;

impl<'a> Argv<'a> {
    pub(super) fn of(items: impl IntoIterator<Item = &'a Item>) -> Argv<'a> {
        let mut argv = Argv::default();
        let nodes = argv.nodes(items);
        argv.paths = paths(&nodes, vec![Vec::new()]);
        argv
    }

    fn nodes(&mut self, items: impl IntoIterator<Item = &'a Item>) -> Vec<Node> {
        let mut nodes = Vec::new();
        for item in items {
            match item {
                Item::Word(value) => nodes.push(self.value(value, OperandPlace::Word)),
                Item::Pair { key, value } => nodes.push(self.pair(key, value)),
                Item::OptionWithValue { option, value } => {
                    nodes.push(self.value(option, OperandPlace::Option));
                    nodes.push(self.value(value, OperandPlace::Value));
                    let behind_option = option.text() == [HOLE] || dashes::has_value(option.text());
                    self.arguments.last_mut().expect("the value").behind_option = behind_option;
                }
                Item::Spread(spread) => nodes.push(self.add(Argument {
                    shown: &spread.list,
                    text: vec![HOLE],
                    place: OperandPlace::List,
                    holes: &[],
                    computed: true,
                    verbatim: spread.marks.verbatim,
                    behind_option: false,
                })),
                Item::If { then, otherwise, .. } => {
                    let then = self.body(then);
                    let otherwise = otherwise.as_ref().map(|otherwise| self.body(otherwise)).unwrap_or_default();
                    nodes.push(Node::Branches(vec![then, otherwise]));
                }
                Item::Match { arms, .. } => {
                    nodes.push(Node::Branches(arms.iter().map(|(_, arm)| self.body(arm)).collect()));
                }
                // One pass through the body stands for any number of passes.
                Item::For { body, .. } => nodes.extend(self.body(body)),
            }
        }
        nodes
    }

    fn body(&mut self, body: &'a Body) -> Vec<Node> {
        self.nodes(&body.items)
    }

    fn value(&mut self, value: &'a Value, place: OperandPlace) -> Node {
        self.add(Argument {
            shown: &value.expr,
            text: value.text().to_vec(),
            place,
            holes: value.holes(),
            computed: value.is_computed(),
            verbatim: value.marks.verbatim,
            behind_option: false,
        })
    }

    fn pair(&mut self, key: &'a Value, value: &'a Value) -> Node {
        self.add(Argument {
            shown: &value.expr,
            text: [key.text(), b"=", value.text()].concat(),
            place: OperandPlace::Pair,
            holes: value.holes(),
            computed: value.is_computed(),
            verbatim: value.marks.verbatim,
            behind_option: false,
        })
    }

    fn add(&mut self, argument: Argument<'a>) -> Node {
        self.arguments.push(argument);
        Node::One(self.arguments.len() - 1)
    }
}

fn paths(nodes: &[Node], mut so_far: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    for node in nodes {
        match node {
            Node::One(index) => so_far.iter_mut().for_each(|path| path.push(*index)),
            Node::Branches(branches) if so_far.len() * branches.len() <= MOST => {
                so_far = branches.iter().flat_map(|branch| paths(branch, so_far.clone())).collect();
            }
            Node::Branches(branches) => {
                so_far = branches.iter().fold(so_far, |so_far, branch| paths(branch, so_far));
            }
        }
    }
    so_far
}
