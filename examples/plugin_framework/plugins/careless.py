"""Does not fit: its structure. Wrong engine, no description, a method that lacks, others that differ."""

import framework

__version__ = "1.0.0"

engine = "podman"
plugin_name = "Careless Plugin"


def ship(service: str) -> str:
    return f"{engine} run {service}"


class Extension:
    stage = "deploy"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, message: str) -> str:
        return message

    def http_get_request(self, url: bytes) -> str:
        return f"GET {url!r}"


class Foo:
    def get_bar(self, done: int, total: int) -> str:
        return f"{done}/{total}"


framework.register(plugin_name, Extension)
