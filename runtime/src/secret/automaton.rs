//! Searches for many texts at once, in one pass over the bytes: the Aho-Corasick automaton.

use std::collections::VecDeque;

/// A node of the trie: the longest suffix of the bytes read that is a prefix of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u32);

/// The bytes read end with no prefix of a text.
pub(super) const START: State = State(0);

pub(super) struct Automaton {
    nodes: Vec<Node>,
    /// The node for each first byte; 0 if no text begins with it.
    first: Box<[u32; 256]>,
}

/// A prefix of a text.
#[derive(Clone, Copy, Default)]
struct Node {
    /// Its last byte.
    byte: u8,
    /// The first of the nodes that are one byte longer. `sibling` links them; 0 ends the list.
    child: u32,
    sibling: u32,
    /// The node of its longest proper suffix that is also a prefix of a text.
    shorter: u32,
    length: u32,
    /// The length of the longest text that is a suffix of it; 0 if there is none.
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

    /// Links each node to its longest suffix, shorter nodes first.
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

    /// The length of the prefix that the node stands for.
    pub(super) fn length(&self, at: State) -> usize {
        self.nodes[at.0 as usize].length as usize
    }

    /// The length of the longest text that the bytes read end with; 0 if there is none.
    pub(super) fn longest(&self, at: State) -> usize {
        self.nodes[at.0 as usize].longest as usize
    }
}
