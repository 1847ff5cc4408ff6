"""Fits `framework`, but not `framework.vault`: the signing key is not in the environment.

Start the host with ``VAULT_SIGNING_KEY`` set to anything and it is let in.
"""

import framework
from framework.vault import sign

__version__ = "1.3.1"

engine = "docker"
plugin_name = "signer"
plugin_description = "Signs images before they leave the building"


def ship(service: str) -> list[str]:
    """The signature of the image of ``service``."""
    return [sign(service)]


class Extension(framework.Plugin):
    """Further things to sign."""

    stage = "build"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str) -> str:
        self.extensions.append(msg)
        return sign(msg)

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
