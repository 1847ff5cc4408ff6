//! Codes for what could not be established, and blocks for that reason.

use crate::compare::code::Category::Unproven;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Unproven, Entity::Version),
        title: "a version can't be told",
        meaning: "`__version__` is computed or conditional, and has no value yet when the import is judged.",
        mend: "Write `__version__` as plain text, or compute it above the import.",
        example: Example {
            contract: "version: ^1.4\n",
            importer: "\
import framework

__version__ = \".\".join([\"1\", \"4\"])
",
            mended: Mended::Importer(
                "\
import framework

__version__ = \"1.4\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Unproven, Entity::Variable),
        title: "whether a module variable is there, or what it holds, can't be told",
        meaning: "The variable is bound only under a condition, or its value is computed after the import. The \
                  source alone does not tell, and nothing is run to find out.",
        mend: "Write a plain value, outside any condition, or compute it above the import.",
        example: Example {
            contract: "\
variables:
  - name: engine
    value: docker
",
            importer: "\
import framework

engine = \"\".join([\"doc\", \"ker\"])
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
        code: Code::new(Unproven, Entity::Function),
        title: "whether a function is there, or its signature, can't be told",
        meaning: "The function is defined only under a condition, or is made by other code after the import.",
        mend: "Define it with `def`, outside any condition.",
        example: Example {
            contract: "\
functions:
  - name: start
",
            importer: "\
import framework
import os

if os.environ.get(\"APP_STAGE\"):
    def start(): ...
",
            mended: Mended::Importer(
                "\
import framework

def start(): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Unproven, Entity::Argument),
        title: "the default of a parameter can't be told",
        meaning: "The default is computed, and the function does not exist yet when the import is judged.",
        mend: "Write the default as a plain value.",
        example: Example {
            contract: "\
functions:
  - name: start
    arguments:
      - name: timeout
        value: 30
",
            importer: "\
import framework

def start(timeout=len(\"x\" * 30)): ...
",
            mended: Mended::Importer(
                "\
import framework

def start(timeout=30): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Unproven, Entity::Class),
        title: "whether a class is there, or what is in it, can't be told",
        meaning: "The class is defined only under a condition, or is made by other code after the import.",
        mend: "Define it with `class`, outside any condition.",
        example: Example {
            contract: "\
classes:
  - name: Extension
",
            importer: "\
import framework

Extension = make() if framework.LATE else None
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
        code: Code::new(Unproven, Entity::Attribute),
        title: "whether an attribute is there, or what it holds, can't be told",
        meaning: "The attribute is assigned only under a condition, its value is computed, or a base can't be read.",
        mend: "Assign a plain value, outside any condition.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    attributes:
      - name: level
        value: 1
",
            importer: "\
import framework

class Extension:
    level = len(\"x\")
",
            mended: Mended::Importer(
                "\
import framework

class Extension:
    level = 1
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Unproven, Entity::Method),
        title: "whether a method is there, or its signature, can't be told",
        meaning: "The method is defined only under a condition, is made by other code, or may come from a base that \
                  can't be read.",
        mend: "Define it with `def` in the class, outside any condition.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    methods:
      - name: run
        arguments:
          - name: self
",
            importer: "\
import framework

class Extension:
    run = framework.task()
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
    Page {
        code: Code::new(Unproven, Entity::Superclass),
        title: "whether a class derives from a base can't be told",
        meaning: "A base is computed, or is imported from a module that can't be read.",
        mend: "Write the base by its name.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    superclasses:
      - Plugin
",
            importer: "\
import framework

class Plugin: ...

class Extension(framework.base()): ...
",
            mended: Mended::Importer(
                "\
import framework

class Plugin: ...

class Extension(Plugin): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Unproven, Entity::Module),
        title: "another module is there, but its contents can't be read",
        meaning: "The contract has rules on the contents of a module that has no source: it is compiled, or its \
                  source does not parse.",
        mend: "Install it with its source, or drop the rules on its contents.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - pythons:
          - modules:
              - filename: math.py
                functions:
                  - name: sqrt
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - pythons:
          - modules:
              - filename: math.py
",
            ),
            ..EXAMPLE
        },
    },
];
