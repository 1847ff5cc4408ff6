//! Codes for what is not there.

use crate::compare::code::Category::Missing;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Missing, Entity::Filename),
        title: "the importer has no file",
        meaning: "The contract says what the importer's file is called, but the import comes from code without a \
                  file: the interactive interpreter, `python -c`, `exec`.",
        mend: "Put the code into a file with that name.",
        example: Example {
            contract: "filename: plugin.py\n",
            file: None,
            mended: Mended::File("plugin.py"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Version),
        title: "the importer has no version",
        meaning: "The contract asks for a version, but the importer has no `__version__`, and no installed \
                  distribution provides it.",
        mend: "Set `__version__` at module level.",
        example: Example {
            contract: "version: ^1.4\n",
            mended: Mended::Importer(
                "\
import framework

__version__ = \"1.4.2\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Variable),
        title: "a module variable is missing",
        meaning: "The contract names a variable that the importer does not bind at module level. `engine: str` \
                  without a value binds nothing.",
        mend: "Assign the variable at module level.",
        example: Example {
            contract: "\
variables:
  - name: engine
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
        code: Code::new(Missing, Entity::Function),
        title: "a function is missing",
        meaning: "The contract names a function that the importer does not define at module level.",
        mend: "Define the function at module level.",
        example: Example {
            contract: "\
functions:
  - name: start
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
        code: Code::new(Missing, Entity::Argument),
        title: "a function or method lacks a parameter",
        meaning: "The contract names a parameter that the function does not have. `*args` and `**kwargs` do not \
                  stand in for it.",
        mend: "Add the parameter.",
        example: Example {
            contract: "\
functions:
  - name: start
    arguments:
      - name: timeout
",
            importer: "\
import framework

def start(): ...
",
            mended: Mended::Importer(
                "\
import framework

def start(timeout): ...
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Class),
        title: "a class is missing",
        meaning: "The contract names a class that the importer does not define at module level.",
        mend: "Define the class at module level, or import it there.",
        example: Example {
            contract: "\
classes:
  - name: Extension
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
        code: Code::new(Missing, Entity::Attribute),
        title: "a class lacks an attribute",
        meaning: "Neither the body of the class, nor an assignment to `self` in its methods, nor a base gives it the \
                  attribute.",
        mend: "Assign it in the body of the class or, for an instance attribute, in `__init__`.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    attributes:
      - name: label
",
            importer: "\
import framework

class Extension: ...
",
            mended: Mended::Importer(
                "\
import framework

class Extension:
    label = \"plain\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Method),
        title: "a class lacks a method",
        meaning: "Neither the class nor a base defines the method. What `object` itself has does not count.",
        mend: "Define the method.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    methods:
      - name: run
",
            importer: "\
import framework

class Extension: ...
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
        code: Code::new(Missing, Entity::Superclass),
        title: "a class does not derive from a base",
        meaning: "No direct or inherited base of the class has the name that the contract asks for.",
        mend: "Derive the class from that base.",
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

class Extension: ...
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
        code: Code::new(Missing, Entity::EnvironmentVariable),
        title: "an environment variable is not set",
        meaning: "The contract names an environment variable that the process does not have. One that is set to the \
                  empty text is set.",
        mend: "Set the variable before Python starts.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - environment:
          variables:
            - name: APP_STAGE
",
            mended: Mended::Variable("APP_STAGE", "test"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Secret),
        title: "a secret is not set",
        meaning: "The contract asks that an environment variable is there. What it holds does not matter, and is \
                  never shown or stored.",
        mend: "Set the variable before Python starts.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - environment:
          secrets: [APP_TOKEN]
",
            mended: Mended::Variable("APP_TOKEN", "…"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Module),
        title: "another module was not found",
        meaning: "The contract asks for a module beside the importer, under `pythons`, and Python would not find it.",
        mend: "Install the module, or put its file where Python looks for modules.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - pythons:
          - modules:
              - filename: settings.py
",
            mended: Mended::Beside("settings.py", "DEBUG = False\n"),
            ..EXAMPLE
        },
    },
];
