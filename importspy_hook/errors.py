"""What a blocked import raises.

::

    try:
        import framework
    except importspy_hook.ContractViolation as blocked:
        for violation in blocked.violations:
            print(violation.code, violation.path)

None of these is an ``ImportError``, so that ``except ImportError`` around an optional import does not swallow a denial.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any


class Place:
    """A place in a file: lines and columns count from 1, columns in characters; the end is exclusive."""

    __slots__ = ("column", "end_column", "end_line", "file", "line")

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __init__(self, data: "Mapping[str, Any]") -> None:
        for name in self.__slots__:
            setattr(self, name, data[name])

    def __repr__(self) -> str:
        return f"<Place {self.file}:{self.line}:{self.column}>"


class Violation:
    """One way in which an importer, or the environment, falls short of the contract.

    ``found`` never holds the value of an environment variable.
    """

    __slots__ = (
        "category",
        "code",
        "context",
        "contract",
        "entity",
        "expected",
        "found",
        "help",
        "importer",
        "key",
        "message",
        "path",
    )

    code: str
    category: str
    entity: str
    context: str
    path: str
    key: "str | None"
    message: str
    expected: "str | None"
    found: "str | None"
    help: str
    contract: "Place | None"
    importer: "Place | None"

    def __init__(self, data: "Mapping[str, Any]") -> None:
        for name in self.__slots__:
            value = data[name]
            if name in ("contract", "importer") and value is not None:
                value = Place(value)
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"<Violation {self.code} at {self.path}>"


class _Reported(ValueError):
    """An exception that carries a report: as text, with and without colour, and as data."""

    _plain: str
    _coloured: str
    _data: "dict[str, Any]"

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self._plain = self._coloured = message
        self._data = {}

    @classmethod
    def _from_report(cls, data: "dict[str, Any]", plain: str, coloured: str) -> "_Reported":
        self = cls(plain)
        self._data = data
        self._coloured = coloured
        return self

    def __reduce__(self) -> "tuple[Any, ...]":
        return _restored, (type(self), self._data, self._plain, self._coloured), self.__dict__

    def __str__(self) -> str:
        return self._coloured if _is_coloured(sys._getframe()) else self._plain

    @property
    def module(self) -> str:
        """The guarded module that was to be imported."""
        return str(self._data.get("module", ""))

    def to_dict(self) -> "dict[str, Any]":
        """The whole report as plain data."""
        import json

        copy: "dict[str, Any]" = json.loads(self.to_json())
        return copy

    def to_json(self) -> str:
        """The whole report as a JSON document."""
        import json

        return json.dumps(self._data)


class ContractViolation(_Reported):
    """The importer, or where it runs, does not fit the contract of the module it imports."""

    @property
    def violations(self) -> list[Violation]:
        """Everything that is wrong, in the order of the contract."""
        return [Violation(data) for data in self._data.get("violations", ())]

    @property
    def importer(self) -> "str | None":
        """The importing module's name; "code in FILE" for code that belongs to no module."""
        name = self._data.get("importer", {}).get("name")
        return None if name is None else str(name)

    @property
    def contract(self) -> str:
        """The path of the contract."""
        return str(self._data.get("contract", {}).get("path", ""))

    @property
    def environment(self) -> "dict[str, str]":
        """Where the code runs: ``arch``, ``os``, ``python``, ``interpreter``."""
        return dict(self._data.get("environment", {}))


class ContractError(_Reported):
    """The contract itself can't be used, so nobody may import the module that it guards."""

    @property
    def contract(self) -> str:
        """The path of the contract."""
        return str(self._data.get("file", ""))

    @property
    def line(self) -> "int | None":
        """The line in the contract, from 1."""
        place = self._data.get("place")
        return None if place is None else int(place["line"])

    @property
    def column(self) -> "int | None":
        """The column in the contract, from 1, in characters."""
        place = self._data.get("place")
        return None if place is None else int(place["column"])


class ContractWarning(UserWarning):
    """With ``install(mode="report")``: the import would have been blocked."""


def _restored(cls: "type[_Reported]", data: "dict[str, Any]", plain: str, coloured: str) -> _Reported:
    return cls._from_report(data, plain, coloured)


def _is_coloured(frame: "FrameType") -> bool:
    """Whether the text is to be coloured: if it is the traceback of an uncaught exception, shown on a terminal.

    Everybody else (a log file, a test, a message box) gets plain text, unless ``FORCE_COLOR`` asks for it. The
    interpreter prints tracebacks from C, with no Python code on the stack, or (from Python 3.13 on) through one
    function of ``traceback``.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    outermost = frame
    while outermost.f_back is not None:
        outermost = outermost.f_back
    if outermost is not frame and outermost.f_code.co_name != "_print_exception_bltin":
        return False
    try:
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):
        return False
