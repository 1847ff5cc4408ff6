//! The tables.

use crate::contract::names::{ARCHITECTURE, INTERPRETER, OPERATING_SYSTEM};

use super::{Form, Key, Keys, Shape};

const TEXT_LIST: Shape = Shape::List(&Shape::Text);
const VARIABLES: Shape = Shape::List(&Shape::Map(&VARIABLE));
const FUNCTIONS: Shape = Shape::List(&Shape::Map(&FUNCTION));
const CLASSES: Shape = Shape::List(&Shape::Map(&CLASS));

const ANNOTATION_EXAMPLES: &[&str] = &[r#""int""#, r#""list[str]""#, r#""str | None""#];
const VERSION_EXAMPLES: &[&str] = &[r#"">=3.10,<3.13""#, r#""~=1.4""#, r#""^1.2""#, r#""3.11""#];

const fn name(meaning: &'static str) -> Key {
    Key::new("name", Shape::Text, meaning).form(Form::Name).required()
}

const fn annotation(meaning: &'static str) -> Key {
    Key::new("annotation", Shape::Text, meaning).form(Form::Filled).examples(ANNOTATION_EXAMPLES)
}

const fn version(meaning: &'static str) -> Key {
    Key::new("version", Shape::Text, meaning).form(Form::Version).examples(VERSION_EXAMPLES)
}

const FILENAME: Key = Key::new(
    "filename",
    Shape::Text,
    "The end of the importer's path, whole components at a time, or a glob for it. `/` separates on every system; `*` \
     stops there, `**` does not.",
)
.form(Form::FileName)
.examples(&[r#""plugin.py""#, r#""plugins/*.py""#, r#""plugins/**/main.py""#]);
const VALUE: Key = Key::new(
    "value",
    Shape::Any,
    "The value, typed: 5 is neither \"5\" nor true. A list fits a list or a tuple. null asks for nothing; `one_of: \
     [null]` asks for None.",
);
const PATTERN: Key = Key::new(
    "pattern",
    Shape::Text,
    "A regular expression that must match the whole text, without look-around and back-references.",
)
.examples(&[r#""[a-z][a-z0-9-]*""#]);
const ONE_OF: Key = Key::new("one_of", Shape::List(&Shape::Any), "The allowed values.").filled();
const VARIABLES_KEY: Key = Key::new("variables", VARIABLES, "Variables at module level that must be there.");
const FUNCTIONS_KEY: Key = Key::new("functions", FUNCTIONS, "Functions at module level that must be there.");
const CLASSES_KEY: Key = Key::new("classes", CLASSES, "Classes at module level that must be there.");

/// The whole document.
pub(in crate::contract) static CONTRACT: Keys = Keys {
    title: "contract",
    keys: &[
        Key::new("schema_version", Shape::Text, "The version of this format: 1.")
            .form(Form::FormatVersion)
            .examples(&["1", r#""1.x""#]),
        FILENAME,
        version(
            "A version requirement on the importer's `__version__`, or else on the version of its distribution. One or \
             two numbers are a prefix, three are exact.",
        ),
        VARIABLES_KEY,
        FUNCTIONS_KEY,
        CLASSES_KEY,
        Key::new(
            "deployments",
            Shape::List(&Shape::Map(&DEPLOYMENT)),
            "Alternatives of where the code may run. Some deployment, some system in it and some Python in it must fit in \
             full.",
        ),
        Key::new(
            "protects",
            TEXT_LIST,
            "Globs over the names of the modules in this folder that the contract guards; the package itself is \
             `__init__`. Absent: all of them.",
        )
        .form(Form::Glob)
        .filled()
        .examples(&[r#"["core", "api_*"]"#]),
        Key::new(
            "trusted_importers",
            TEXT_LIST,
            "Globs over the names of importing modules that are exempt from everything but `deployments`.",
        )
        .form(Form::Glob)
        .examples(&[r#"["host", "tests.*"]"#]),
    ],
};

static MODULE: Keys = Keys {
    title: "module",
    keys: &[
        Key::new(
            "filename",
            Shape::Text,
            "The importer's own file, or absent: more rules for the importer. Another: a module that must be there; it is \
             looked for without importing it.",
        )
        .form(Form::FileName)
        .examples(&[r#""json""#, r#""helpers/text.py""#]),
        version("A version requirement on that module."),
        VARIABLES_KEY,
        FUNCTIONS_KEY,
        CLASSES_KEY,
    ],
};

static VARIABLE: Keys = Keys {
    title: "variable",
    keys: &[
        name("Its name. A variable of which nothing else is asked may be anything: a function, a class, an import."),
        annotation("Its type. Where none is written, the type of its literal value counts."),
        VALUE,
        PATTERN,
        ONE_OF,
    ],
};

static ATTRIBUTE: Keys = Keys {
    title: "attribute",
    keys: &[
        Key::new(
            "type",
            Shape::Text,
            "`class`: bound in the class body. `instance`: assigned to `self`, a slot, a field or a property. Absent: either.",
        )
        .form(Form::Words(&["class", "instance"])),
        name("Its name."),
        annotation("Its type. Where none is written, the type of its literal value counts."),
        VALUE,
        PATTERN,
        ONE_OF,
    ],
};

static FUNCTION: Keys = Keys {
    title: "function",
    keys: &[
        name("Its name."),
        Key::new(
            "arguments",
            Shape::List(&Shape::Map(&ARGUMENT)),
            "Arguments that must be there, in this order relative to each other. More may stand between them.",
        ),
        Key::new("return_annotation", Shape::Text, "What it is annotated to return.")
            .form(Form::Filled)
            .examples(ANNOTATION_EXAMPLES),
        Key::new("async", Shape::Bool, "true: `async def`. false: `def`."),
    ],
};

static ARGUMENT: Keys = Keys {
    title: "argument",
    keys: &[
        name("Its name, without stars."),
        annotation("Its annotation."),
        Key::new("value", Shape::Any, "Its default, typed. null asks for nothing."),
        Key::new("kind", Shape::Text, "How it is passed.").form(Form::Words(&[
            "positional-only",
            "positional-or-keyword",
            "var-positional",
            "keyword-only",
            "var-keyword",
        ])),
    ],
};

static CLASS: Keys = Keys {
    title: "class",
    keys: &[
        name("Its name."),
        Key::new("attributes", Shape::List(&Shape::Map(&ATTRIBUTE)), "Attributes that it or a base must have."),
        Key::new("methods", FUNCTIONS, "Methods that it or a base must have. A property is an attribute."),
        Key::new(
            "superclasses",
            Shape::List(&SUPERCLASS),
            "Direct or inherited bases, by name; one that is given as a mapping must satisfy that mapping.",
        )
        .form(Form::Name),
    ],
};

static SUPERCLASS: Shape = Shape::TextOrMap(&CLASS);

static DEPLOYMENT: Keys = Keys {
    title: "deployment",
    keys: &[
        Key::new("arch", Shape::Texts, "The machine: one name, or several of which one must fit. Absent: any.")
            .form(Form::Known(ARCHITECTURE)),
        Key::new("systems", Shape::List(&Shape::Map(&SYSTEM)), "Alternatives of the system. Absent: any."),
    ],
};

static SYSTEM: Keys = Keys {
    title: "system",
    keys: &[
        Key::new("os", Shape::Texts, "The operating system: one name, or several of which one must fit. Absent: any.")
            .form(Form::Known(OPERATING_SYSTEM)),
        Key::new("environment", Shape::Map(&ENVIRONMENT), "Environment variables that must be set."),
        Key::new("pythons", Shape::List(&Shape::Map(&PYTHON)), "Alternatives of the Python. Absent: any."),
    ],
};

static ENVIRONMENT: Keys = Keys {
    title: "environment",
    keys: &[
        Key::new(
            "variables",
            Shape::List(&Shape::Map(&ENVIRONMENT_VARIABLE)),
            "Environment variables with rules on their values.",
        ),
        Key::new("secrets", TEXT_LIST, "Environment variables that must be set; what they hold is never shown.")
            .form(Form::Secret)
            .examples(&[r#"["API_TOKEN"]"#]),
    ],
};

static ENVIRONMENT_VARIABLE: Keys = Keys {
    title: "environment variable",
    keys: &[
        name("Its name."),
        annotation("`int`, `float` and `bool` read its text as such before it is compared."),
        Key::new("value", Shape::Text, "The text that it must hold."),
        PATTERN,
        Key::new("one_of", TEXT_LIST, "The allowed texts.").filled(),
    ],
};

static PYTHON: Keys = Keys {
    title: "python",
    keys: &[
        version("A version requirement on the interpreter."),
        Key::new("interpreter", Shape::Texts, "One name, or several of which one must fit. Absent: any.")
            .form(Form::Known(INTERPRETER)),
        Key::new(
            "modules",
            Shape::List(&Shape::Map(&MODULE)),
            "More rules for the importer, and other modules that must be there.",
        ),
    ],
};
