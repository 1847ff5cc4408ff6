"""Decisions in a few lines, for people."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._native import Decision


def summary(decisions: "Iterable[Decision]", *, blocked: str = "blocked") -> list[str]:
    """How many imports were allowed and blocked, then each that was blocked; ``blocked`` is the word for it."""
    allowed = exempt = refused = 0
    each: dict[tuple[str, str, str], int] = {}
    for decision in decisions:
        if decision["allowed"]:
            allowed += 1
            exempt += decision["reason"] in ("boundary", "trusted")
        else:
            refused += 1
            why = ", ".join(dict.fromkeys(decision["codes"])) or f"unusable contract {decision['contract']}"
            key = (decision["module"], decision["importer"], why)
            each[key] = each.get(key, 0) + 1
    if not allowed and not refused:
        return ["no guarded module was imported"]
    note = f" ({exempt} of them exempt)" if exempt else ""
    lines = [f"{allowed} allowed{note}, {refused} {blocked}"]
    for (module, importer, why), count in each.items():
        times = f" ({count} times)" if count > 1 else ""
        lines.append(f"{blocked}: {module} imported by {importer}: {why}{times}")
    return lines
