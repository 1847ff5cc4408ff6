//! Conditions that are decided for the running interpreter, as type checkers do.

use std::cmp::Ordering;

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCall, ExprCompare, ExprSubscript, Number, UnaryOp};

use super::About;
use super::walker::{VALUE_STACK, Walker};
use crate::observed::model::{BindingKind, Known};
use crate::value::Value;

/// Deepest nesting that is decided.
const MAX_NESTING: usize = 40;

/// A value in a condition.
#[derive(Clone, Debug, PartialEq)]
enum Static {
    None,
    Bool(bool),
    Int(i64),
    Str(String),
    Tuple(Vec<Static>),
    /// There, but its value isn't followed.
    Unknown,
}

impl Static {
    fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::None => false,
            Self::Bool(bool) => *bool,
            Self::Int(int) => *int != 0,
            Self::Str(text) => !text.is_empty(),
            Self::Tuple(items) => !items.is_empty(),
            Self::Unknown => return None,
        })
    }

    /// Python's order; none where Python has none, or where it isn't known.
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Str(a), Self::Str(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::None, Self::None) => Some(Ordering::Equal),
            (Self::Tuple(a), Self::Tuple(b)) => {
                for (a, b) in a.iter().zip(b) {
                    match a.order(b)? {
                        Ordering::Equal => {}
                        order => return Some(order),
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => None,
        }
    }

    fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Unknown | Self::Tuple(_), _) | (_, Self::Unknown | Self::Tuple(_)) => {
                self.order(other).map(Ordering::is_eq)
            }
            // Text is not a number; the rest compares as Python does.
            (Self::Str(_), b) | (b, Self::Str(_)) if !matches!(b, Self::Str(_)) => Some(false),
            (a, b) => a.order(b).map(Ordering::is_eq),
        }
    }
}

impl Walker<'_> {
    /// Whether a condition holds, if that can be told.
    pub fn truth(&self, test: &Expr) -> Option<bool> {
        self.truth_for(test, self.about)
    }

    /// The same, were the source what `about` says.
    pub fn truth_for(&self, test: &Expr, about: &About<'_>) -> Option<bool> {
        let decider = Decider { walker: self, about };
        stacker::maybe_grow(VALUE_STACK, VALUE_STACK, || decider.decide(test, MAX_NESTING))
    }
}

/// Conditions of a walk, decided for one interpreter and one name.
struct Decider<'d, 'a> {
    walker: &'d Walker<'a>,
    about: &'d About<'d>,
}

impl Decider<'_, '_> {
    fn decide(&self, test: &Expr, nesting: usize) -> Option<bool> {
        let nesting = nesting.checked_sub(1)?;
        match test {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
                self.decide(&unary.operand, nesting).map(|truth| !truth)
            }
            Expr::BoolOp(operation) => {
                let ends = operation.op == BoolOp::Or;
                let mut known = true;
                for value in &operation.values {
                    match self.decide(value, nesting) {
                        // Whatever an undecided operand is, this one settles it.
                        Some(truth) if truth == ends => return Some(ends),
                        Some(_) => {}
                        None => known = false,
                    }
                }
                known.then_some(!ends)
            }
            Expr::Compare(compare) => self.compare(compare, nesting),
            Expr::Named(named) => self.decide(&named.value, nesting),
            Expr::Call(call) => self.starts_with(call, nesting).or_else(|| self.value(test, nesting)?.truth()),
            test => self.value(test, nesting)?.truth(),
        }
    }

    fn compare(&self, compare: &ExprCompare, nesting: usize) -> Option<bool> {
        let mut left = self.value(&compare.left, nesting)?;
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.value(right, nesting)?;
            let holds = match op {
                CmpOp::Eq => left.equals(&right)?,
                CmpOp::NotEq => !left.equals(&right)?,
                CmpOp::Lt => left.order(&right)?.is_lt(),
                CmpOp::LtE => left.order(&right)?.is_le(),
                CmpOp::Gt => left.order(&right)?.is_gt(),
                CmpOp::GtE => left.order(&right)?.is_ge(),
                CmpOp::In => contains(&right, &left)?,
                CmpOp::NotIn => !contains(&right, &left)?,
                CmpOp::Is | CmpOp::IsNot => return None,
            };
            if !holds {
                return Some(false);
            }
            left = right;
        }
        Some(true)
    }

    /// `sys.platform.startswith("win")`.
    fn starts_with(&self, call: &ExprCall, nesting: usize) -> Option<bool> {
        let Expr::Attribute(method) = &*call.func else {
            return None;
        };
        let ([prefix], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
            return None;
        };
        let starts: fn(&str, &str) -> bool = match method.attr.id.as_str() {
            "startswith" => |text, part| text.starts_with(part),
            "endswith" => |text, part| text.ends_with(part),
            _ => return None,
        };
        let Static::Str(text) = self.value(&method.value, nesting)? else {
            return None;
        };
        match self.value(prefix, nesting)? {
            Static::Str(prefix) => Some(starts(&text, &prefix)),
            Static::Tuple(prefixes) => {
                let mut any = false;
                for prefix in prefixes {
                    let Static::Str(prefix) = prefix else {
                        return None;
                    };
                    any |= starts(&text, &prefix);
                }
                Some(any)
            }
            _ => None,
        }
    }

    fn value(&self, expr: &Expr, nesting: usize) -> Option<Static> {
        let nesting = nesting.checked_sub(1)?;
        Some(match expr {
            Expr::NoneLiteral(_) => Static::None,
            Expr::BooleanLiteral(boolean) => Static::Bool(boolean.value),
            Expr::StringLiteral(text) => Static::Str(text.value.to_str().to_owned()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => Static::Int(int.as_i64()?),
                _ => return None,
            },
            Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => match self.value(&unary.operand, nesting)? {
                Static::Int(int) => Static::Int(-int),
                _ => return None,
            },
            Expr::Tuple(tuple) => self.items(&tuple.elts, nesting)?,
            Expr::List(list) => self.items(&list.elts, nesting)?,
            Expr::Set(set) => self.items(&set.elts, nesting)?,
            Expr::Subscript(item) => self.item_value(item, nesting)?,
            Expr::Call(call) if call.arguments.is_empty() => self.fact(&self.walker.absolute(&call.func)?, true)?,
            Expr::Name(name) => return self.name_value(&name.id),
            Expr::Attribute(_) => self.fact(&self.walker.absolute(expr)?, false)?,
            _ => return None,
        })
    }

    fn items(&self, items: &[Expr], nesting: usize) -> Option<Static> {
        items.iter().map(|item| self.value(item, nesting)).collect::<Option<_>>().map(Static::Tuple)
    }

    /// `version[0]`, `version[:2]`.
    fn item_value(&self, item: &ExprSubscript, nesting: usize) -> Option<Static> {
        let Static::Tuple(mut items) = self.value(&item.value, nesting)? else {
            return None;
        };
        match &*item.slice {
            Expr::Slice(slice) if slice.lower.is_none() && slice.step.is_none() => {
                let Static::Int(upper) = self.value(slice.upper.as_ref()?, nesting)? else {
                    return None;
                };
                items.truncate(usize::try_from(upper).ok()?);
                Some(Static::Tuple(items))
            }
            index => {
                let Static::Int(index) = self.value(index, nesting)? else {
                    return None;
                };
                items.get(usize::try_from(index).ok()?).cloned()
            }
        }
    }

    fn name_value(&self, name: &str) -> Option<Static> {
        match self.walker.lookup(name).map(super::slot::Slot::definite) {
            None if name == "__name__" => self.about.module.map(|module| Static::Str(module.to_owned())),
            // The idiom that avoids importing `typing`.
            Some(Some(BindingKind::Variable(variable))) if matches!(name, "TYPE_CHECKING" | "MYPY") => {
                (variable.value == Known::Literal(Value::Bool(false))).then_some(Static::Bool(false))
            }
            Some(Some(BindingKind::Import(import))) => {
                let module = import.module.as_ref()?;
                self.fact(&format!("{module}.{}", import.name.as_ref()?), false)
            }
            _ => None,
        }
    }

    /// What is known of the interpreter under an absolute name.
    fn fact(&self, path: &str, called: bool) -> Option<Static> {
        let platform = self.about.platform;
        let (major, minor, micro) = platform.python;
        let version = || {
            let mut items: Vec<_> = [major, minor, micro].map(|part| Static::Int(part.into())).into();
            items.extend([Static::Unknown, Static::Unknown]);
            Static::Tuple(items)
        };
        Some(match (path, called) {
            ("typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING", false) => Static::Bool(false),
            ("sys.version_info", false) => version(),
            ("sys.version_info.major", false) => Static::Int(major.into()),
            ("sys.version_info.minor", false) => Static::Int(minor.into()),
            ("sys.version_info.micro", false) => Static::Int(micro.into()),
            ("sys.platform", false) => Static::Str(platform.sys_platform.clone()),
            ("os.name", false) => Static::Str(platform.os_name.clone()),
            ("sys.implementation.name", false) => Static::Str(platform.interpreter.to_ascii_lowercase()),
            ("platform.python_implementation", true) => Static::Str(platform.interpreter.clone()),
            ("platform.system", true) => Static::Str(
                match platform.os.as_str() {
                    "linux" => "Linux",
                    "darwin" => "Darwin",
                    "windows" => "Windows",
                    _ => return None,
                }
                .to_owned(),
            ),
            _ => return None,
        })
    }
}

fn contains(container: &Static, item: &Static) -> Option<bool> {
    match (container, item) {
        (Static::Str(text), Static::Str(part)) => Some(text.contains(part.as_str())),
        (Static::Tuple(items), item) => {
            let mut known = true;
            for candidate in items {
                match candidate.equals(item) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => known = false,
                }
            }
            known.then_some(false)
        }
        _ => None,
    }
}
