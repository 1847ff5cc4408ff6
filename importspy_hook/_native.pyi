"""The extension module. Use the names of the package `importspy_hook` instead."""

from types import ModuleType
from typing import Any, Literal, TypedDict, final, type_check_only

__all__ = ["Finder", "__version__", "cache_clear", "cache_info", "decisions", "install", "is_installed", "uninstall"]

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

def install(*, mode: Literal["enforce", "report"] = "enforce", log_level: int | str | None = None) -> None: ...
def uninstall() -> None: ...
def is_installed() -> bool: ...
def decisions() -> list[Decision]: ...
def cache_info() -> CacheInfo: ...
def cache_clear() -> None: ...
@final
class Finder:
    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> Any: ...
    def invalidate_caches(self) -> None: ...
