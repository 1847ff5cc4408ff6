"""Does not fit: its version. It was written for the framework's first draft and never touched again."""

import framework

__version__ = "0.9.3"

engine = "docker"
plugin_name = "outdated"
plugin_description = "Builds an image the way it used to be done"


def ship(service: str) -> list[str]:
    """The command that builds the image of ``service``."""
    return [f"{engine} build --tag {service} ."]


class Extension(framework.Plugin):
    """Arguments of the build."""

    stage = "build"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str) -> str:
        self.extensions.append(msg)
        return f"--build-arg {msg}"

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
