"""Access to the real cloud. ``cloud.spymodel.yml``, beside this file, allows it in production only."""


def endpoint(service: str, region: str) -> str:
    """The address under which ``service`` is reached from outside."""
    return f"https://{service}.{region}.cloud.example"
