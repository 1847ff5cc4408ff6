//! Codes for where the code runs and is not what one name or requirement asks for.

use crate::compare::code::Category::Mismatch;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Mismatch, Entity::Architecture),
        title: "the machine has another architecture",
        meaning: "The contract allows one architecture, and this machine has another one. This part of a contract \
                  applies to every importer.",
        mend: "Run it on such a machine, or allow this one.",
        example: Example {
            contract: "\
deployments:
  - arch: s390x
",
            mended: Mended::Contract(
                "\
deployments:
  - arch: [s390x, x86_64, aarch64]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::OperatingSystem),
        title: "the operating system is another one",
        meaning: "The contract allows one operating system, and this is another one.",
        mend: "Run it on that system, or allow this one.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - os: haiku
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - os: [haiku, linux, macos, windows]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::PythonVersion),
        title: "the Python version does not fit",
        meaning: "This Python's version is outside the requirement.",
        mend: "Run it under a Python that fits, or widen the requirement.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - pythons:
          - version: \">=3.6,<3.8\"
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - pythons:
          - version: \">=3.6\"
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::Interpreter),
        title: "the Python implementation is another one",
        meaning: "The contract allows one implementation of Python, and this is another one.",
        mend: "Run it under that implementation, or allow this one.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - pythons:
          - interpreter: PyPy
",
            mended: Mended::Contract(
                "\
deployments:
  - systems:
      - pythons:
          - interpreter: [PyPy, CPython]
",
            ),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Mismatch, Entity::EnvironmentVariable),
        title: "an environment variable holds something else",
        meaning: "The variable is set, but not to the `value`, not to what `annotation` asks for, or not to a text \
                  that fits the `pattern`. What it holds is never shown.",
        mend: "Set the variable to what the contract asks for, before Python starts.",
        example: Example {
            contract: "\
deployments:
  - systems:
      - environment:
          variables:
            - name: APP_WORKERS
              annotation: int
",
            variable: Some(("APP_WORKERS", "many")),
            mended: Mended::Variable("APP_WORKERS", "4"),
            ..EXAMPLE
        },
    },
];
