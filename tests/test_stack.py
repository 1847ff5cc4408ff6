"""How much stack there is must be known wherever a source is read: the tree of a deep one takes hundreds of kilobytes."""

from __future__ import annotations

import sys

import pytest

from harness import Project

DEEP = f"""\
engine = "docker"
x = {"not " * 900}1
y = {"(" * 90}1{")" * 90}
z = {"+".join(["1"] * 1500)}
import target
"""

MAIN = """
import os, resource, sys, threading

kind, kilobytes = sys.argv[1:]
if "again" not in os.environ:
    limit = int(kilobytes) * 1024 if kilobytes != "unlimited" else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_STACK, (limit, resource.RLIM_INFINITY))
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"again": ""})

import importspy_hook

def decide():
    import deep
    print(importspy_hook.decisions()[-1]["reason"], flush=True)

def fork():
    # In the child, this thread is the initial one, on a stack that was made for it.
    child = os.fork()
    if child == 0:
        decide()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

if kind == "initial":
    decide()
else:
    threading.stack_size(1 << 20)
    thread = threading.Thread(target={"thread": decide, "fork": fork}[kind])
    thread.start()
    thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the stack as Linux has them")
@pytest.mark.parametrize("kilobytes", ["1024", "8192", "262144", "unlimited"])
@pytest.mark.parametrize("kind", ["initial", "thread", "fork"])
def test_a_deep_source(project: Project, kind: str, kilobytes: str) -> None:
    contract = "variables: [{name: engine, value: docker}]\n"
    project.write({"target.py": "", "target.spymodel.yml": contract, "deep.py": DEEP})
    assert project.script(MAIN, kind, kilobytes).succeeded().printed.split() == ["fits"]

