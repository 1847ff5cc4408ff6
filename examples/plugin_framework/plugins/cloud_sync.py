"""Fits `framework`, but not `framework.cloud`: this is no production machine.

Start the host with ``PLUGIN_STAGE=production`` and it is let in.
"""

import framework
import framework.cloud

__version__ = "1.2.0"

engine = "docker"
plugin_name = "cloud-sync"
plugin_description = "Puts a service behind a public address"
region = "eu-west"


def ship(service: str) -> list[str]:
    """The address that ``service`` gets."""
    return [framework.cloud.endpoint(service, region)]


class Extension(framework.Plugin):
    """Further regions."""

    stage = "deploy"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str) -> str:
        self.extensions.append(msg)
        return framework.cloud.endpoint("service", msg)

    def remove_extension(self, msg: str) -> str:
        self.extensions.remove(msg)
        return f"without {msg}"

    def http_get_request(self, url: str) -> str:
        return f"GET {url} HTTP/1.1"


class Foo:
    """The row on the status board."""

    def get_bar(self, done: int, total: int) -> str:
        return f"{done}/{total}"


framework.register(plugin_name, Extension)
