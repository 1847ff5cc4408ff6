"""The host application: loads the plugins that fit, and says why the others do not.

    python host.py

Its exit status is 0 if exactly the plugins in ``KEPT_OUT`` were refused.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import importspy_hook

PLUGINS = Path(__file__).resolve().parent / "plugins"
"""A plain folder. Whoever can write to it adds plugins; the contract decides which of them run."""

KEPT_OUT = {"careless", "cloud_sync", "outdated", "signer"}
"""What this example promises to refuse, unless you change its environment."""

Refusals = dict[str, importspy_hook.ContractViolation]


def main() -> int:
    # What a machine's configuration would provide. The contract asks for both.
    os.environ.setdefault("PLUGIN_STAGE", "staging")
    os.environ.setdefault("PLUGIN_API_TOKEN", "not a real token")

    # From here on every import of a guarded module is checked, the host's own included.
    importspy_hook.install()
    let_in, kept_out = load(PLUGINS)

    print("Let in")
    for name, module in let_in.items():
        print(f"\n  {name} {module.__version__}, {verdict(name)}")
        print(textwrap.indent("\n".join(try_out(module)), "    "))

    print("\nKept out")
    for name, refusal in kept_out.items():
        codes = ", ".join(sorted({str(violation.code) for violation in refusal.violations}))
        print(f"\n  {name}, {verdict(name)}: {codes}\n")
        print(textwrap.indent(str(refusal), "    "))

    import framework

    print(f"\nRegistered: {', '.join(framework.registered())}")
    if set(kept_out) != KEPT_OUT:
        print(f"This example promises to keep out {', '.join(sorted(KEPT_OUT))}.", file=sys.stderr)
        return 1
    return 0


def load(folder: Path) -> tuple[dict[str, ModuleType], Refusals]:
    """Import every plugin in ``folder``: the modules that fit, and the refusals of the others."""
    let_in: dict[str, ModuleType] = {}
    kept_out: Refusals = {}
    for plugin in pkgutil.iter_modules([str(folder)]):
        try:
            let_in[plugin.name] = importlib.import_module(f"{folder.name}.{plugin.name}")
        except importspy_hook.ContractViolation as refusal:
            kept_out[plugin.name] = refusal
    return let_in, kept_out


def verdict(plugin: str) -> str:
    """How long it took to decide about ``plugin``, guarded module by guarded module."""
    own = f"{PLUGINS.name}.{plugin}"
    times = [
        f"{decision['module']} {'yes' if decision['allowed'] else 'no'} in {decision['microseconds']:.0f} µs"
        for decision in importspy_hook.decisions()
        if decision["importer"] == own or str(decision["importer"]).startswith(f"{own}.")
    ]
    return "; ".join(times) or "no decision"


def try_out(module: ModuleType) -> list[str]:
    """Use what the contract guarantees, without asking whether it is there: that is the point of it."""
    extension = module.Extension()
    added = extension.add_extension("metrics")
    status = extension.status()
    return [
        f"ship    {'; '.join(module.ship('shop'))!r}",
        f"add     {added!r}, now on: {status}",
        f"remove  {extension.remove_extension('metrics')!r}",
        f"check   {extension.http_get_request('http://shop.example')!r}",
        f"board   {module.Foo().get_bar(2, 3)!r}",
    ]


if __name__ == "__main__":
    sys.exit(main())
