"""Fits. Its entry point is decorated: what counts is the signature that is written."""

import functools
from collections.abc import Callable

import framework

__version__ = "1.4.0"

engine = "docker"
plugin_name = "container"
plugin_description = "Starts a service in a container"


def recorded(function: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Keep the plans that were made."""

    @functools.wraps(function)
    def wrapper(service: str) -> list[str]:
        plan = function(service)
        plans.append(plan)
        return plan

    return wrapper


plans: list[list[str]] = []


@recorded
def ship(service: str) -> list[str]:
    """The commands that start ``service``."""
    return [f"{engine} pull {service}", f"{engine} run --detach {service}"]


class Extension(framework.Plugin):
    """Containers that run beside the service."""

    stage = "deploy"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str) -> str:
        self.extensions.append(msg)
        return f"{engine} run --detach --network container:service {msg}"

    def remove_extension(self, msg: str) -> str:
        self.extensions.remove(msg)
        return f"{engine} rm --force {msg}"

    def http_get_request(self, url: str) -> str:
        return f"GET {url}/healthz HTTP/1.1"


class Foo:
    """The row on the status board."""

    def get_bar(self, done: int, total: int) -> str:
        return f"[{'#' * done}{'.' * (total - done)}]"


framework.register(plugin_name, Extension)
