"""The extension module. Use the names of the package `importspy_hook` instead."""

from collections.abc import Sequence
from os import PathLike
from types import ModuleType
from typing import Any, Literal, NoReturn, TypedDict, final, type_check_only

from typing_extensions import Self

from .errors import ContractError, Violation

__all__ = [
    "Finder",
    "Report",
    "Spy",
    "__version__",
    "cache_clear",
    "cache_info",
    "check",
    "decisions",
    "install",
    "is_installed",
    "main",
    "status",
    "uninstall",
]

__version__: str

@type_check_only
class Decision(TypedDict):
    module: str
    importer: str
    contract: str
    allowed: bool
    reason: Literal["fits", "violations", "boundary", "trusted", "no-importer", "error"]
    codes: list[str]
    microseconds: float

@type_check_only
class CacheInfo(TypedDict):
    hits: int
    misses: int
    size: int

@type_check_only
class Caller(TypedDict):
    file: str
    line: int

@type_check_only
class MetaPath(TypedDict):
    position: int | None
    ahead: list[str]

@type_check_only
class Function(TypedDict):
    ours: bool
    found: str

@type_check_only
class SeenContract(TypedDict):
    path: str
    modules: list[str]

@type_check_only
class Undecided(TypedDict):
    module: str
    contract: str

@type_check_only
class DecisionCounts(TypedDict):
    allowed: int
    blocked: int

@type_check_only
class Activation(TypedDict):
    kind: Literal["site-packages", "user-site", "sitecustomize", "run"]
    folder: str
    files: list[str]
    mode: Literal["enforce", "report"] | None
    in_use: bool
    options: dict[str, bool]

@type_check_only
class Status(TypedDict):
    version: str
    active: bool
    mode: Literal["enforce", "report"] | None
    installed_by: Caller | None
    trusted_importers: list[str]
    finder: MetaPath
    import_function: Function
    import_module: Function
    contracts: list[SeenContract]
    decisions: DecisionCounts
    undecided: list[Undecided]
    activation: list[Activation]

def install(
    *,
    mode: Literal["enforce", "report"] = "enforce",
    log_level: int | str | None = None,
    trusted_importers: Sequence[str] | None = None,
) -> None: ...
def uninstall() -> None: ...
def is_installed() -> bool: ...
def decisions() -> list[Decision]: ...
def cache_info() -> CacheInfo: ...
def cache_clear() -> None: ...
def status() -> Status: ...
def check(
    module_or_path: str | PathLike[str] | ModuleType, contract: str | PathLike[str] | None = None
) -> Report: ...
def main(arguments: list[str]) -> int: ...

class Spy:
    def __new__(cls) -> Self: ...
    def importspy(
        self,
        filepath: str | PathLike[str] | None = None,
        log_level: int | str | None = None,
        info_module: ModuleType | None = None,
    ) -> ModuleType: ...

@final
class Report:
    @property
    def ok(self) -> bool: ...
    @property
    def violations(self) -> list[Violation]: ...
    @property
    def unusable(self) -> list[ContractError]: ...
    def render(self, format: Literal["text", "json", "sarif", "github", "junit"] = "text") -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __bool__(self) -> NoReturn: ...

@final
class Finder:
    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> Any: ...
    def invalidate_caches(self) -> None: ...
