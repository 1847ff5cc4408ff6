//! Codes for what is not there.

use crate::compare::code::Category::Missing;
use crate::compare::code::{Code, Entity};

use super::{EXAMPLE, Example, Mended, Page};

pub(super) const PAGES: &[Page] = &[
    Page {
        code: Code::new(Missing, Entity::Filename),
        title: "the importer has no file",
        meaning: "The contract says what the importer's file is called, but the import comes from code without a file: \
                  the interactive interpreter, `python -c`, `exec`.",
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
        meaning: "The contract asks for a version, but the importer has no `__version__`, and no installed distribution \
                  provides it.",
        mend: "Set `__version__` at module level.",
        example: Example {
            contract: "version: ^1.4\n",
            mended: Mended::Importer("import framework\n\n__version__ = \"1.4.2\"\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Variable),
        title: "a module variable is missing",
        meaning: "The contract names a variable that the importer does not bind at module level. `engine: str` without a \
                  value binds nothing.",
        mend: "Assign the variable at module level.",
        example: Example {
            contract: "variables:\n  - name: engine\n",
            mended: Mended::Importer("import framework\n\nengine = \"docker\"\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Function),
        title: "a function is missing",
        meaning: "The contract names a function that the importer does not define at module level.",
        mend: "Define the function at module level.",
        example: Example {
            contract: "functions:\n  - name: start\n",
            mended: Mended::Importer("import framework\n\ndef start(): ...\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Argument),
        title: "a function or method lacks a parameter",
        meaning: "The contract names a parameter that the function does not have. `*args` and `**kwargs` do not stand in \
                  for it.",
        mend: "Add the parameter.",
        example: Example {
            contract: "functions:\n  - name: start\n    arguments:\n      - name: timeout\n",
            importer: "import framework\n\ndef start(): ...\n",
            mended: Mended::Importer("import framework\n\ndef start(timeout): ...\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Class),
        title: "a class is missing",
        meaning: "The contract names a class that the importer does not define at module level.",
        mend: "Define the class at module level, or import it there.",
        example: Example {
            contract: "classes:\n  - name: Extension\n",
            mended: Mended::Importer("import framework\n\nclass Extension: ...\n"),
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
            contract: "classes:\n  - name: Extension\n    attributes:\n      - name: label\n",
            importer: "import framework\n\nclass Extension: ...\n",
            mended: Mended::Importer("import framework\n\nclass Extension:\n    label = \"plain\"\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Method),
        title: "a class lacks a method",
        meaning: "Neither the class nor a base defines the method. What `object` itself has does not count.",
        mend: "Define the method.",
        example: Example {
            contract: "classes:\n  - name: Extension\n    methods:\n      - name: run\n",
            importer: "import framework\n\nclass Extension: ...\n",
            mended: Mended::Importer("import framework\n\nclass Extension:\n    def run(self): ...\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Superclass),
        title: "a class does not derive from a base",
        meaning: "No direct or inherited base of the class has the name that the contract asks for.",
        mend: "Derive the class from that base.",
        example: Example {
            contract: "classes:\n  - name: Extension\n    superclasses:\n      - Plugin\n",
            importer: "import framework\n\nclass Plugin: ...\n\nclass Extension: ...\n",
            mended: Mended::Importer("import framework\n\nclass Plugin: ...\n\nclass Extension(Plugin): ...\n"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::EnvironmentVariable),
        title: "an environment variable is not set",
        meaning: "The contract names an environment variable that the process does not have. One that is set to the empty \
                  text is set.",
        mend: "Set the variable before Python starts.",
        example: Example {
            contract: "deployments:\n  - systems:\n      - environment:\n          variables:\n            - name: APP_STAGE\n",
            mended: Mended::Variable("APP_STAGE", "test"),
            ..EXAMPLE
        },
    },
    Page {
        code: Code::new(Missing, Entity::Secret),
        title: "a secret is not set",
        meaning: "The contract asks that an environment variable is there, whatever it holds. Its value is never read or \
                  shown.",
        mend: "Set the variable before Python starts.",
        example: Example {
            contract: "deployments:\n  - systems:\n      - environment:\n          secrets: [APP_TOKEN]\n",
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
            contract: "deployments:\n  - systems:\n      - pythons:\n          - modules:\n              - filename: settings.py\n",
            mended: Mended::Beside("settings.py", "DEBUG = False\n"),
            ..EXAMPLE
        },
    },
];
