//! What may stand where in a contract: the keys of each mapping and the shape of their values.

/// The shape of a node. Any node may also be null.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A scalar, whose text is kept as written (`3.10` stays `3.10`).
    Text,
    /// `true` or `false`.
    Bool,
    /// Any value, typed.
    Any,
    /// A text or a list of texts.
    Texts,
    /// A list of nodes of one shape.
    List(&'static Shape),
    /// A mapping with these keys.
    Map(&'static Keys),
    /// A text, or a mapping with these keys.
    TextOrMap(&'static Keys),
}

impl Shape {
    /// In words, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "`true` or `false`",
            Self::Any => "a value",
            Self::Texts => "text or a list of texts",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::TextOrMap(_) => "text or a mapping",
        }
    }
}

/// The keys of a mapping.
pub(super) type Keys = [(&'static str, Shape)];

const TEXT_LIST: Shape = Shape::List(&Shape::Text);
const VALUE_LIST: Shape = Shape::List(&Shape::Any);

/// The whole document.
pub(super) static CONTRACT: &Keys = &[
    ("schema_version", Shape::Text),
    ("filename", Shape::Text),
    ("version", Shape::Text),
    ("variables", Shape::List(&Shape::Map(VARIABLE))),
    ("functions", Shape::List(&Shape::Map(FUNCTION))),
    ("classes", Shape::List(&Shape::Map(CLASS))),
    ("deployments", Shape::List(&Shape::Map(DEPLOYMENT))),
    ("protects", TEXT_LIST),
    ("trusted_importers", TEXT_LIST),
];

static MODULE: &Keys = &[
    ("filename", Shape::Text),
    ("version", Shape::Text),
    ("variables", Shape::List(&Shape::Map(VARIABLE))),
    ("functions", Shape::List(&Shape::Map(FUNCTION))),
    ("classes", Shape::List(&Shape::Map(CLASS))),
];

static VARIABLE: &Keys = &[
    ("name", Shape::Text),
    ("annotation", Shape::Text),
    ("value", Shape::Any),
    ("pattern", Shape::Text),
    ("one_of", VALUE_LIST),
];

static ATTRIBUTE: &Keys = &[
    ("type", Shape::Text),
    ("name", Shape::Text),
    ("annotation", Shape::Text),
    ("value", Shape::Any),
    ("pattern", Shape::Text),
    ("one_of", VALUE_LIST),
];

static FUNCTION: &Keys = &[
    ("name", Shape::Text),
    ("arguments", Shape::List(&Shape::Map(ARGUMENT))),
    ("return_annotation", Shape::Text),
    ("async", Shape::Bool),
];

static ARGUMENT: &Keys =
    &[("name", Shape::Text), ("annotation", Shape::Text), ("value", Shape::Any), ("kind", Shape::Text)];

static CLASS: &Keys = &[
    ("name", Shape::Text),
    ("attributes", Shape::List(&Shape::Map(ATTRIBUTE))),
    ("methods", Shape::List(&Shape::Map(FUNCTION))),
    ("superclasses", Shape::List(&SUPERCLASS)),
];

static SUPERCLASS: Shape = Shape::TextOrMap(CLASS);

static DEPLOYMENT: &Keys = &[("arch", Shape::Texts), ("systems", Shape::List(&Shape::Map(SYSTEM)))];

static SYSTEM: &Keys =
    &[("os", Shape::Texts), ("environment", Shape::Map(ENVIRONMENT)), ("pythons", Shape::List(&Shape::Map(PYTHON)))];

static ENVIRONMENT: &Keys = &[("variables", Shape::List(&Shape::Map(ENVIRONMENT_VARIABLE))), ("secrets", TEXT_LIST)];

static ENVIRONMENT_VARIABLE: &Keys = &[
    ("name", Shape::Text),
    ("annotation", Shape::Text),
    ("value", Shape::Text),
    ("pattern", Shape::Text),
    ("one_of", TEXT_LIST),
];

static PYTHON: &Keys =
    &[("version", Shape::Text), ("interpreter", Shape::Texts), ("modules", Shape::List(&Shape::Map(MODULE)))];
