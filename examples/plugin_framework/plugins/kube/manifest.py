"""A helper of the plugin. It does not import the framework: no contract is about it."""


def deployment(service: str, replicas: int) -> str:
    """The manifest that keeps ``replicas`` copies of ``service`` running."""
    return f"{{kind: Deployment, metadata: {{name: {service}}}, spec: {{replicas: {replicas}}}}}"
