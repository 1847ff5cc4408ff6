//! Annotation tokens into a canonical type.

use std::fmt::Write as _;

use super::names::{Heads, canonical};
use super::tokens::{Token, tokens};

/// Brackets, unions and quotes nested deeper than this are not taken apart.
const DEEPEST: usize = 60;

/// A type as an annotation spells it, in canonical form: equal types are equal values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    /// A name, with what stands in brackets after it.
    Named(String, Option<Vec<Type>>),
    /// Two or more members, flat, sorted, without duplicates.
    Union(Vec<Type>),
    /// A bracketed list: the parameters of a `Callable`.
    List(Vec<Type>),
    /// Kept as it is: `...`, the contents of `Literal`, the metadata of `Annotated`.
    Exact(String),
}

impl Type {
    /// `None`.
    pub fn none() -> Self {
        Self::Named("None".to_owned(), None)
    }

    /// The same, with nothing left of what `Literal` and `Annotated` hold but the types.
    pub fn without_values(self) -> Self {
        let all = |types: Vec<Self>| types.into_iter().map(Self::without_values).collect();
        match self {
            Self::Named(name, arguments) => Self::Named(name, arguments.map(all)),
            Self::Union(members) => Self::Union(all(members)),
            Self::List(items) => Self::List(all(items)),
            Self::Exact(text) if matches!(text.as_str(), "..." | "()") => Self::Exact(text),
            Self::Exact(_) => Self::Exact("…".to_owned()),
        }
    }

    /// Its text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.put(&mut out);
        out
    }

    fn put(&self, out: &mut String) {
        let list = |types: &[Self], out: &mut String, between: &str| {
            for (i, item) in types.iter().enumerate() {
                if i > 0 {
                    out.push_str(between);
                }
                item.put(out);
            }
        };
        match self {
            Self::Named(name, arguments) => {
                out.push_str(name);
                if let Some(arguments) = arguments {
                    out.push('[');
                    list(arguments, out, ", ");
                    out.push(']');
                }
            }
            Self::Union(members) => list(members, out, " | "),
            Self::List(items) => {
                out.push('[');
                list(items, out, ", ");
                out.push(']');
            }
            Self::Exact(text) => out.push_str(text),
        }
    }
}

/// The canonical type that `text` spells; none if it is not a type expression that can be taken apart.
pub(super) fn parse(text: &str, heads: Heads<'_>) -> Option<Type> {
    nested(text, heads, 0)
}

fn nested(text: &str, heads: Heads<'_>, depth: usize) -> Option<Type> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, heads };
    let parsed = parser.union(depth)?;
    (parser.at == tokens.len()).then_some(parsed)
}

/// The union of `types`: flat, sorted, without duplicates; a single type is itself.
pub(super) fn union(types: Vec<Type>) -> Option<Type> {
    let mut members: Vec<(String, Type)> = Vec::new();
    for item in types {
        match item {
            Type::Union(inner) => members.extend(inner.into_iter().map(|item| (item.text(), item))),
            item => members.push((item.text(), item)),
        }
    }
    members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    members.dedup_by(|a, b| a.0 == b.0);
    let mut members: Vec<Type> = members.into_iter().map(|(_, item)| item).collect();
    if members.len() > 1 { Some(Type::Union(members)) } else { members.pop() }
}

struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
    heads: Heads<'t>,
}

impl Parser<'_, '_> {
    fn sign(&mut self, sign: char) -> bool {
        let is = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(is);
        is
    }

    fn union(&mut self, depth: usize) -> Option<Type> {
        let mut types = vec![self.primary(depth)?];
        while self.sign('|') {
            types.push(self.primary(depth)?);
        }
        union(types)
    }

    fn primary(&mut self, depth: usize) -> Option<Type> {
        if depth > DEEPEST {
            return None;
        }
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match token {
            Token::Name(first) => self.named(first, depth),
            Token::Text(text) => {
                let mut text = text.clone();
                while let Some(Token::Text(more)) = self.tokens.get(self.at) {
                    text.push_str(more);
                    self.at += 1;
                }
                nested(&text, self.heads, depth + 1)
            }
            Token::Number(number) => Some(Type::Exact((*number).to_owned())),
            Token::Ellipsis => Some(Type::Exact("...".to_owned())),
            Token::Sign('[') => Some(Type::List(self.list(']', depth + 1)?)),
            Token::Sign('*') => Some(Type::Exact(format!("*{}", self.primary(depth + 1)?.text()))),
            Token::Sign('(') => {
                let mut inner = self.list(')', depth + 1)?;
                match inner.len() {
                    0 => Some(Type::Exact("()".to_owned())),
                    1 => inner.pop(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn named(&mut self, first: &str, depth: usize) -> Option<Type> {
        let mut dotted = first.to_owned();
        while self.sign('.') {
            let Some(Token::Name(next)) = self.tokens.get(self.at) else { return None };
            dotted.push('.');
            dotted.push_str(next);
            self.at += 1;
        }
        let name = canonical(&dotted, self.heads);
        if !self.sign('[') {
            return Some(Type::Named(name, None));
        }
        match name.as_str() {
            "Literal" => Some(Type::Named(name, Some(self.exact()?))),
            "Annotated" => {
                let mut arguments = vec![self.union(depth + 1)?];
                if self.sign(',') {
                    arguments.extend(self.exact()?);
                } else if !self.sign(']') {
                    return None;
                }
                Some(Type::Named(name, Some(arguments)))
            }
            "Optional" => {
                let mut types = self.list(']', depth + 1)?;
                types.push(Type::none());
                union(types)
            }
            "Union" => union(self.list(']', depth + 1)?),
            _ => Some(Type::Named(name, Some(self.list(']', depth + 1)?))),
        }
    }

    /// Types up to `close`, which is taken too. A trailing comma is allowed.
    fn list(&mut self, close: char, depth: usize) -> Option<Vec<Type>> {
        let mut types = Vec::new();
        while !self.sign(close) {
            types.push(self.union(depth)?);
            if !self.sign(',') {
                return self.sign(close).then_some(types);
            }
        }
        Some(types)
    }

    /// Arguments up to the closing bracket, as they are but for white space and the kind of quotes.
    fn exact(&mut self) -> Option<Vec<Type>> {
        let mut out = Vec::new();
        let mut text = String::new();
        let mut open = 0_usize;
        loop {
            let token = self.tokens.get(self.at)?;
            self.at += 1;
            match token {
                Token::Sign(']') if open == 0 => break,
                Token::Sign(',') if open == 0 => {
                    out.push(Type::Exact(std::mem::take(&mut text)));
                }
                Token::Sign(sign) => {
                    match sign {
                        '[' | '(' | '{' => open += 1,
                        ']' | ')' | '}' => open = open.checked_sub(1)?,
                        _ => {}
                    }
                    text.push(*sign);
                }
                Token::Name(part) | Token::Number(part) => {
                    // Two words in a row (`not x`) need their space.
                    if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                        text.push(' ');
                    }
                    text.push_str(part);
                }
                Token::Text(content) => {
                    let _ = write!(text, "{content:?}");
                }
                Token::Verbatim(part) => text.push_str(part),
                Token::Ellipsis => text.push_str("..."),
            }
        }
        if !text.is_empty() {
            out.push(Type::Exact(text));
        }
        Some(out)
    }
}
