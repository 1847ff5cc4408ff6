//! Codes for what is there but different, in the importer.

use crate::compare::code::Category::Mismatch;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Mismatch, Entity::Filename),
        title: "the importer's file has another name",
        meaning: "The end of the importer's path is not what `filename` asks for: a name, the last parts of a path, \
                  or a glob.",
        mend: "Rename the file, or import from one that has the name.",
        example: Example {
            contract: "filename: \"*_plugin.py\"\n",
            file: Some("helper.py"),
            mended: Mended::File("helper_plugin.py"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Version),
        title: "a version does not fit",
        meaning: "The importer's version, or that of a module named under `pythons`, is outside the requirement, or \
                  is no version at all.",
        mend: "Use a version that fits, or widen the requirement.",
        example: Example {
            contract: "version: ^1.4\n",
            importer: "\
import framework

__version__ = \"2.0\"
",
            mended: Mended::Importer(
                "\
import framework

__version__ = \"1.5\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Variable),
        title: "a module variable has another value, type or text",
        meaning: "The variable is there, but not with the `value`, the `annotation` or the text that fits the \
                  `pattern`. Values compare with their type: `5` is not `\"5\"`.",
        mend: "Give it the value or the type that the contract asks for.",
        example: Example {
            contract: "\
variables:
  - name: engine
    value: docker
",
            importer: "\
import framework

engine = \"podman\"
",
            mended: Mended::Importer(
                "\
import framework

engine = \"docker\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Function),
        title: "a function is something else, or async where it must not be",
        meaning: "The name is bound to something that is no function, or `async` disagrees with how it is defined.",
        mend: "Define it with `def` or `async def`, as the contract asks.",
        example: Example {
            contract: "\
functions:
  - name: start
    async: true
",
            importer: "\
import framework

def start(): ...
",
            mended: Mended::Importer(
                "\
import framework

async def start(): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Argument),
        title: "a parameter has another annotation, default, kind or position",
        meaning: "The parameter is there, but does not agree in what the contract says of it, or stands in another \
                  order.",
        mend: "Change the parameter as the report says.",
        example: Example {
            contract: "\
functions:
  - name: start
    arguments:
      - name: timeout
        annotation: float
",
            importer: "\
import framework

def start(timeout: str): ...
",
            mended: Mended::Importer(
                "\
import framework

def start(timeout: float): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Return),
        title: "a function or method returns something else",
        meaning: "Its return annotation is not the one that the contract asks for, or there is none.",
        mend: "Annotate what it returns.",
        example: Example {
            contract: "\
functions:
  - name: start
    return_annotation: bool
",
            importer: "\
import framework

def start(): ...
",
            mended: Mended::Importer(
                "\
import framework

def start() -> bool: ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Class),
        title: "what must be a class is something else",
        meaning: "The name is bound, but not to a class.",
        mend: "Define it with `class`.",
        example: Example {
            contract: "\
classes:
  - name: Extension
",
            importer: "\
import framework

def Extension(): ...
",
            mended: Mended::Importer(
                "\
import framework

class Extension: ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Attribute),
        title: "an attribute has another value or type, or belongs elsewhere",
        meaning: "The attribute is there, but not with the `value`, `annotation` or `pattern` of the contract, or it \
                  is one of the class where `type: instance` asks for one of its instances, or the other way round.",
        mend: "Change the attribute as the report says.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    attributes:
      - name: label
        type: instance
",
            importer: "\
import framework

class Extension:
    label = \"plain\"
",
            mended: Mended::Importer(
                "\
import framework

class Extension:
    def __init__(self):
        self.label = \"plain\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Method),
        title: "a method is something else, or async where it must not be",
        meaning: "The name is bound to something that can't be called as a method, such as a property, or `async` \
                  disagrees with how it is defined.",
        mend: "Define it with `def` or `async def` in the class, as the contract asks.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    methods:
      - name: run
",
            importer: "\
import framework

class Extension:
    @property
    def run(self): ...
",
            mended: Mended::Importer(
                "\
import framework

class Extension:
    def run(self): ...
",
            ),
            ..EXAMPLE
        },
    },
];
