//! Codes for what is outside a set.

use crate::compare::code::Category::Invalid;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Invalid, Entity::Variable),
        title: "a module variable has none of the allowed values",
        meaning: "`one_of` lists the values that the variable may have, and its value is not among them.",
        mend: "Give it one of the allowed values.",
        example: Example {
            contract: "\
variables:
  - name: engine
    one_of: [docker, podman]
",
            importer: "\
import framework

engine = \"lxc\"
",
            mended: Mended::Importer(
                "\
import framework

engine = \"podman\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Invalid, Entity::Attribute),
        title: "an attribute has none of the allowed values",
        meaning: "`one_of` lists the values that the attribute may have, and its value is not among them.",
        mend: "Give it one of the allowed values.",
        example: Example {
            contract: "\
classes:
  - name: Extension
    attributes:
      - name: level
        one_of: [1, 2, 3]
",
            importer: "\
import framework

class Extension:
    level = 4
",
            mended: Mended::Importer(
                "\
import framework

class Extension:
    level = 3
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Invalid, Entity::Architecture),
        title: "the machine has none of the allowed architectures",
        meaning: "The contract lists architectures, and this machine's is not among them.",
        mend: "Run it on such a machine, or add this architecture to the list.",
        example: Example {
            contract: "\
deployments:
  - arch: [s390x, sparc64]
",
            mended: Mended::Contract(
                "\
deployments:
  - arch: [s390x, sparc64, x86_64, aarch64]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Invalid, Entity::OperatingSystem),
        title: "the operating system is none of the allowed ones",
        meaning: "The contract lists operating systems, and this one is not among them.",
        mend: "Run it on one of them, or add this one to the list.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - os: [haiku, aix]
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - os: [haiku, aix, linux, macos, windows]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Invalid, Entity::Interpreter),
        title: "the Python implementation is none of the allowed ones",
        meaning: "The contract lists implementations of Python, and this one is not among them.",
        mend: "Run it under one of them, or add this one to the list.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - pythons:
          - interpreter: [PyPy, GraalPy]
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - pythons:
          - interpreter: [PyPy, GraalPy, CPython]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Invalid, Entity::EnvironmentVariable),
        title: "an environment variable holds none of the allowed values",
        meaning: "`one_of` lists the values that the variable may have, and it holds another one. What it holds is \
                  never shown.",
        mend: "Set the variable to one of the allowed values, before Python starts.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - environment:
          variables:
            - name: APP_STAGE
              one_of: [test, live]
",
            variable: Some(("APP_STAGE", "demo")),
            mended: Mended::Variable("APP_STAGE", "test"),
            ..EXAMPLE
        },
    },
];
