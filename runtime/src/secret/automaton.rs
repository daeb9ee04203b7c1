//! Searching a text for many others at once, in one pass over its bytes: the automaton of Aho and Corasick.

use std::collections::VecDeque;

/// How much of the texts was just read: a node of the tree of their beginnings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u32);

/// Nothing was read that begins one.
pub(super) const START: State = State(0);

pub(super) struct Automaton {
    nodes: Vec<Node>,
    /// Where each byte leads from the start; 0 where it begins no text.
    first: Box<[u32; 256]>,
}

/// What was read is the beginning of a text.
#[derive(Clone, Copy, Default)]
struct Node {
    /// The last byte of it.
    byte: u8,
    /// The nodes that are one byte longer, linked by `sibling`; 0 ends the list.
    child: u32,
    sibling: u32,
    /// The longest end of it, shorter than itself, that begins a text too.
    shorter: u32,
    length: u32,
    /// The length of the longest text that it ends with; 0 if none.
    longest: u32,
}

impl Automaton {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Automaton {
        let mut automaton = Automaton { nodes: vec![Node::default()], first: Box::new([0; 256]) };
        texts.for_each(|text| automaton.add(text));
        automaton.link();
        automaton
    }

    fn add(&mut self, text: &[u8]) {
        let mut at = START;
        for &byte in text {
            at = self.child(at, byte).unwrap_or_else(|| self.grow(at, byte));
        }
        self.nodes[at.0 as usize].longest = self.nodes[at.0 as usize].length;
    }

    fn grow(&mut self, State(at): State, byte: u8) -> State {
        let new = self.nodes.len() as u32;
        let parent = &mut self.nodes[at as usize];
        let sibling = std::mem::replace(&mut parent.child, new);
        let length = parent.length + 1;
        self.nodes.push(Node { byte, sibling, length, ..Node::default() });
        if at == START.0 {
            self.first[usize::from(byte)] = new;
        }
        State(new)
    }

    /// Links each node to the longest shorter one, the short ones first.
    fn link(&mut self) {
        let mut waiting = VecDeque::from([START.0]);
        while let Some(at) = waiting.pop_front() {
            let mut child = self.nodes[at as usize].child;
            while child != 0 {
                let Node { byte, sibling, .. } = self.nodes[child as usize];
                let shorter =
                    if at == START.0 { START } else { self.step(State(self.nodes[at as usize].shorter), byte) };
                let longest = self.nodes[shorter.0 as usize].longest;
                let node = &mut self.nodes[child as usize];
                node.shorter = shorter.0;
                node.longest = node.longest.max(longest);
                waiting.push_back(child);
                child = sibling;
            }
        }
    }

    fn child(&self, State(at): State, byte: u8) -> Option<State> {
        if at == START.0 {
            return Some(State(self.first[usize::from(byte)])).filter(|child| *child != START);
        }
        let mut child = self.nodes[at as usize].child;
        while child != 0 {
            let node = &self.nodes[child as usize];
            if node.byte == byte {
                return Some(State(child));
            }
            child = node.sibling;
        }
        None
    }

    /// Whether a text begins with this byte.
    pub(super) fn begins(&self, byte: u8) -> bool {
        self.first[usize::from(byte)] != 0
    }

    /// Reads one more byte.
    pub(super) fn step(&self, mut at: State, byte: u8) -> State {
        loop {
            match self.child(at, byte) {
                Some(child) => return child,
                None if at == START => return START,
                None => at = State(self.nodes[at.0 as usize].shorter),
            }
        }
    }

    /// The length of the longest end of what was read that begins a text.
    pub(super) fn length(&self, at: State) -> usize {
        self.nodes[at.0 as usize].length as usize
    }

    /// The length of the longest text that what was read ends with; 0 if none.
    pub(super) fn longest(&self, at: State) -> usize {
        self.nodes[at.0 as usize].longest as usize
    }
}
