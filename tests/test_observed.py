"""Looking at an importer executes nothing: not the importer, not its bases, not the guarded module, not its objects."""

from __future__ import annotations

from harness import Project

# Leaves a line in a file each time it is executed.
TRACE = "open('trace.txt', 'a').write(__name__ + '\\n')\n"


def trace(project: Project) -> list[str]:
    path = project.root / "trace.txt"
    return path.read_text().split() if path.exists() else []


def test_an_importer_is_executed_once(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": TRACE,
            "framework/spymodel.yml": "variables: [{name: a, value: 1}]\nclasses: [{name: C, methods: [{name: m}]}]\n",
            "plugin.py": TRACE + "import framework\na = 1\nclass C:\n    def m(self): ...\n",
            "main.py": "import plugin\n",
        }
    )
    project.run("main.py").succeeded()
    assert trace(project) == ["plugin", "framework"]


def test_a_program_is_executed_once(project: Project) -> None:
    project.write({"framework/__init__.py": "", "framework/spymodel.yml": "variables: [{name: a, value: 1}]"})
    project.script(TRACE + "import framework\na = 1\n").succeeded()
    assert trace(project) == ["__main__"]


def test_a_refused_module_never_runs(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": TRACE,
            "framework/core.py": TRACE,
            "framework/spymodel.yml": "variables: [{name: a}]",
        }
    )
    project.script(
        """
        import importlib, sys
        before = set(sys.modules)
        for way in ["import framework", "import framework.core", "from framework import core", "from framework.core import X",
                    "importlib.import_module('framework.core')", "__import__('framework.core')"]:
            try:
                exec(way)
            except ValueError:
                pass
            else:
                raise SystemExit(f"let in by {way}")
        # The exception classes are imported when the first one is raised.
        new = set(sys.modules) - before - {"importspy_hook.errors"}
        assert not new, new
        """
    ).succeeded()
    assert trace(project) == []


def test_bases_and_named_modules_are_read_not_run(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": """\
                classes: [{name: P, methods: [{name: run}], superclasses: [Root]}]
                deployments: [{systems: [{pythons: [{modules: [{filename: helper.py, functions: [{name: f}]}]}]}]}]
                """,
            "kit/__init__.py": TRACE,
            "kit/base.py": TRACE + "class Root:\n    def run(self): ...\n",
            "helper.py": TRACE + "def f(): ...\n",
        }
    )
    project.write(
        {
            "plugin.py": """\
                import framework
                import os, sys
                assert not os.path.exists("trace.txt"), open("trace.txt").read()
                assert not {"kit", "kit.base", "helper"} & set(sys.modules)
                from kit.base import Root
                class P(Root): ...
                """,
            "main.py": "import plugin\n",
        }
    )
    project.run("main.py").succeeded()
    assert trace(project) == ["kit", "kit.base"]


def test_live_objects_are_not_asked(project: Project) -> None:
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": """\
                variables:
                  - {name: a, value: docker}
                  - {name: b, one_of: [1, 2]}
                  - {name: c, pattern: x+}
                  - {name: d, value: [1]}
                  - {name: e, annotation: int}
                  - {name: missing}
                functions: [{name: f, arguments: [{name: x, value: 1}], return_annotation: int}]
                classes: [{name: C, attributes: [{name: y, value: 1}], methods: [{name: m}]}]
                """,
            "plugin.py": """\
                ran = []
                class Meta(type):
                    def __getattribute__(cls, name):
                        ran.append(("class", name))
                        return super().__getattribute__(name)
                class Nosy:
                    def __getattribute__(self, name):
                        ran.append(("instance", name))
                        return super().__getattribute__(name)
                def told(name):
                    def method(self, *args):
                        ran.append(name)
                        return NotImplemented
                    return method
                for name in ("__eq__", "__hash__", "__repr__", "__str__", "__len__", "__iter__", "__bool__", "__int__",
                             "__call__", "__index__", "__contains__", "__getitem__", "__float__", "__fspath__"):
                    setattr(Nosy, name, told(name))
                class Text(str, Nosy): ...
                class Number(int, Nosy): ...
                class Items(list, Nosy): ...
                class C(metaclass=Meta):
                    y = Nosy()
                    @property
                    def m(self):
                        ran.append("property")
                def __getattr__(name):
                    ran.append(("module", name))
                    raise AttributeError(name)
                a, b, c, d, e, f = Text("docker"), Number(1), Text("xx"), Items([1]), Number(1), Nosy()
                def go():
                    import framework
                """,
        }
    )
    project.script(
        """
        import plugin
        plugin.ran.clear()
        try:
            plugin.go()
        except ValueError as error:
            assert plugin.ran == [], plugin.ran
            str(error), error.to_json()
            assert plugin.ran == [], plugin.ran
        else:
            raise SystemExit("let in")
        """
    ).succeeded()
