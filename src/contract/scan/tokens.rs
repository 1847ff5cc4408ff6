//! What the walk passes, for who wants to know the structure too.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contract) enum Kind {
    /// A `%` line.
    Directive,
    /// `---`
    Start,
    /// `...`
    Stop,
    /// The end of the text.
    End,
    /// A list by indentation starts; no width.
    BlockList,
    /// A mapping by indentation starts; no width.
    BlockMap,
    /// One of these two ends; no width.
    BlockEnd,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// `{`
    MapOpen,
    /// `}`
    MapClose,
    /// `-`
    Item,
    /// `,`
    Comma,
    /// `?`, or of no width before what a `:` makes a key.
    Key,
    /// `:`
    Value,
    /// `&name`
    Anchor,
    /// `*name`
    Alias,
    /// `!tag`
    Tag,
    /// Text without quotes.
    Plain,
    /// Text in quotes.
    Quoted,
    /// A `|` or `>` text.
    Block,
}

/// A token and where it stands. Texts are far below 4 GiB.
#[derive(Clone, Copy, Debug)]
pub(in crate::contract) struct Token {
    pub kind: Kind,
    start: u32,
    end: u32,
}

impl Token {
    pub(super) fn new(kind: Kind, start: usize, end: usize) -> Self {
        let small = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { kind, start: small(start), end: small(end) }
    }

    /// The offset of its first byte.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The offset after its last byte.
    pub fn end(self) -> usize {
        self.end as usize
    }
}
