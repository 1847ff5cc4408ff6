"""Fits. Written with annotations throughout, and with more than the contract asks for."""

from __future__ import annotations

from framework import Plugin, register

from . import manifest

__version__: str = "1.0.2"

engine: str = "docker"
plugin_name: str = "kube"
plugin_description: str = "Keeps copies of a service running in a cluster"


def ship(service: str, *, replicas: int = 2) -> list[str]:
    """The manifest and the command that applies it. The keyword is extra, and extra is fine."""
    return [manifest.deployment(service, replicas), "kubectl apply --filename -"]


class Extension(Plugin):
    """Sidecars of the pods."""

    stage: str = "deploy"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str, *, at_end: bool = True) -> str:
        self.extensions.insert(len(self.extensions) if at_end else 0, msg)
        return f"sidecar {msg}: added"

    def remove_extension(self, msg: str) -> str:
        self.extensions.remove(msg)
        return f"sidecar {msg}: removed"

    def http_get_request(self, url: str) -> str:
        return f"GET {url}/readyz HTTP/1.1"


class Foo:
    """The row on the status board."""

    def get_bar(self, done: int, total: int) -> str:
        return f"{done} of {total} pods"


register(plugin_name, Extension)
