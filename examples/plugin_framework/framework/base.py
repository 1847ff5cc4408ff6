"""What every plugin's ``Extension`` derives from."""


class Plugin:
    """One step between a built image and a running service."""

    extensions: list[str]

    def status(self) -> str:
        """The extensions that are switched on, for people."""
        return ", ".join(self.extensions) or "none"
