"""Signatures with the key that only release machines have. ``spymodel.yml`` asks for the key."""

import hashlib
import hmac
import os


def sign(text: str) -> str:
    """A signature of ``text``, in hexadecimal digits."""
    key = os.environ["VAULT_SIGNING_KEY"].encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
