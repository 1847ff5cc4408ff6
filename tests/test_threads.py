"""Many threads importing at once, while contracts, environment and modules change under them.

IMPORTSPY_HOOK_TEST_SECONDS makes each test run longer than the second or two that it takes in the suite.
"""

from __future__ import annotations

import os

import pytest

from harness import Project

SECONDS = float(os.environ.get("IMPORTSPY_HOOK_TEST_SECONDS", "2"))

# A deadlock shows where every thread stands.
TOOLS = f"""
import faulthandler, os, sys, threading, time
import importspy_hook

sys.excepthook = sys.__excepthook__

SECONDS = {SECONDS}
faulthandler.dump_traceback_later(SECONDS + 40, exit=True)
failed = []
begun, done = threading.Event(), threading.Event()

def loop(body, *args):
    # Calls `body` until time is up or something has failed.
    def go():
        try:
            begun.wait()
            while not done.is_set():
                body(*args)
        except BaseException as error:
            import traceback
            failed.append(traceback.format_exc())
            done.set()
    return go

def run(*bodies):
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    sys.setswitchinterval(1e-5)
    begun.set()
    done.wait(SECONDS)
    done.set()
    sys.setswitchinterval(5e-3)
    for thread in threads:
        thread.join()
    faulthandler.cancel_dump_traceback_later()
    assert not failed, failed[0]

def codes(go):
    # The codes that a refusal shows; none if there was no refusal.
    try:
        go()
    except importspy_hook.ContractViolation as refused:
        return sorted({{violation.code for violation in refused.violations}})
    return []

def expect(found, wanted, *about):
    assert found == wanted, (found, wanted, *about)

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def replace(path, text):
    new = f"{{path}}.{{threading.get_ident()}}"
    with open(new, "w") as file:
        file.write(text)
    os.replace(new, path)
"""


MODULES = 400


def lay_out(project: Project) -> Project:
    """Guarded modules `guarded.g0`, `guarded.g1`, …, unguarded ones that import others, and importers of each kind."""
    files = {"tools.py": TOOLS, "guarded/__init__.py": "", "plain/__init__.py": ""}
    for number in range(MODULES):
        files[f"guarded/g{number}.py"] = f"import plain.p{number}\nVALUE = {number}\n"
        files[f"guarded/g{number}.spymodel.yml"] = "variables: [{name: fits}]\n"
        files[f"plain/p{number}.py"] = f"import plain.p{number // 10 * 10}\nVALUE = {number}\n"
    go = """
def go(name):
    import importlib
    return importlib.import_module(name)
def statement(name):
    space = {}
    exec(f"def inner(): import {name}", globals(), space)
    space["inner"]()
"""
    return project.write(files | {"yes.py": f"fits = True\n{go}", "no.py": go})


def in_threads(project: Project, source: str, *args: str) -> None:
    project.script(f"from tools import *\n{source}", *args, seconds=SECONDS + 60).succeeded()


pytestmark = pytest.mark.timeout(SECONDS + 90)


# A thread of its own begins to import `slow`, with Python's lock on that module, and stands still for half a second where
# it does not hold Python's one import lock: between two finders.
SLOW_IMPORT = """
import yes, no
yes.go("guarded.g0")
slow, asked = "importspy_hook.errors", threading.Event()

class Finders(list):
    def __iter__(self):
        for finder in list.__iter__(self):
            if sys._getframe(1).f_locals.get("name") == slow:
                asked.set()
                time.sleep(0.5)
            yield finder

def begin(body):
    sys.meta_path = Finders(sys.meta_path)
    first = threading.Thread(target=body)
    first.start()
    assert asked.wait(10)
    return first
"""
# The first refusal imports the exception classes.
SLOW_FIRST_REFUSAL = f"{SLOW_IMPORT}\nfirst = begin(lambda: codes(lambda: no.go('guarded.g0')))\n"


def test_two_first_refusals(project: Project) -> None:
    """One of a loaded module, which holds no lock, and one of a fresh module, for which Python holds its import lock."""
    lay_out(project)
    in_threads(
        project,
        f"""
faulthandler.dump_traceback_later(10, exit=True)
{SLOW_FIRST_REFUSAL}
expect(codes(lambda: no.go("guarded.g1")), ["missing-variable"])
first.join()
""",
    )


@pytest.mark.parametrize("slow", ["importspy_hook.errors", "importlib.metadata", "warnings", "needed"])
def test_a_judgement_that_needs_what_another_thread_is_importing(project: Project, slow: str) -> None:
    """Python holds its import lock while it asks finders: the other thread would wait for that one."""
    lay_out(project)
    project.write(
        {
            "judged.py": "",
            "judged.spymodel.yml": "version: '1'" if slow == "importlib.metadata" else "variables: [{name: lacking}]",
            "needed.py": "",
        }
    )
    in_threads(
        project,
        f"""
faulthandler.dump_traceback_later(10, exit=True)
import importlib, logging, warnings
{SLOW_IMPORT}
slow = {slow!r}
sys.modules.pop(slow, None)
if slow == "warnings":
    importspy_hook.uninstall()
    importspy_hook.install(mode="report")
if slow == "needed":
    # A handler of the log.
    handler = logging.Handler()
    handler.emit = lambda record: importlib.import_module("needed")
    logging.getLogger("importspy_hook").addHandler(handler)
    logging.getLogger("importspy_hook").setLevel(1)
    importspy_hook.install(log_level="DEBUG")
    sys.modules.pop(slow, None)
first = begin(lambda: importlib.import_module(slow))
found = codes(lambda: no.go("judged"))
expect(bool(found), slow != "warnings")
first.join()
""",
    )


def test_a_fork_during_the_first_refusal(project: Project) -> None:
    lay_out(project)
    in_threads(
        project,
        f"""
import signal, warnings
warnings.simplefilter("ignore")
faulthandler.cancel_dump_traceback_later()
{SLOW_FIRST_REFUSAL}
child = os.fork()
if child == 0:
    signal.alarm(10)
    expect(codes(lambda: no.go("guarded.g0")), ["missing-variable"])
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
first.join()
""",
    )


def test_sixty_four_threads(project: Project) -> None:
    """Guarded and unguarded modules, for the first time and again, by importers that fit and that do not."""
    lay_out(project)
    in_threads(
        project,
        """
import importlib, random, yes, no
reached = 0
# Of two first refusals at once there are tests of their own.
yes.go("guarded.g399"), codes(lambda: no.go("guarded.g399"))

def importing(seed):
    rng = random.Random(seed)
    step = 0
    def body():
        # All threads come to new modules at about the same time, in an order of their own.
        nonlocal step
        global reached
        step += 1
        number = (step if rng.random() < 0.5 else rng.randrange(step + 1)) % 400
        guarded, plain = f"guarded.g{number}", f"plain.p{number}"
        way = rng.choice(["go", "statement"])
        todo = [
            lambda: expect(codes(lambda: getattr(yes, way)(guarded)), [], way, guarded),
            lambda: expect(codes(lambda: getattr(no, way)(guarded)), ["missing-variable"], way, guarded),
            lambda: expect(importlib.import_module(plain).VALUE, number),
        ]
        rng.shuffle(todo)
        for each in todo:
            each()
        if rng.random() < 0.01:
            importlib.invalidate_caches()
        if rng.random() < 0.01:
            importspy_hook.cache_clear()
        importspy_hook.cache_info(), importspy_hook.decisions()[:1]
        reached = max(reached, step)
    return loop(body)

run(*(importing(seed) for seed in range(64)))
assert reached > 10, reached
""",
    )


def test_modules_that_are_taken_away(project: Project) -> None:
    lay_out(project)
    in_threads(
        project,
        """
import yes, no
yes.go("guarded.g0"), codes(lambda: no.go("guarded.g0"))

def importing(number):
    name = f"guarded.g{number % 2}"
    def body():
        for importer, wanted in [(yes, []), (no, ["missing-variable"])]:
            try:
                expect(codes(lambda: importer.statement(name)), wanted)
            except (KeyError, ImportError):
                # So Python says it, without the hook too.
                pass
        sys.modules.pop(name, None)
    return loop(body)

run(*(importing(number) for number in range(64)))
""",
    )


def test_a_module_that_is_gone_before_it_is_judged(project: Project) -> None:
    """Handed out past the finder, as by another thread's import; taken away, and all forgotten, before we look."""
    lay_out(project)
    in_threads(
        project,
        """
import builtins, yes, no
yes.go("guarded.g0")
importspy_hook.uninstall()
kept, real = sys.modules["guarded"], __import__

def override(name, *args):
    return kept if name == "guarded.g0" else real(name, *args)

builtins.__import__ = override
importspy_hook.install()
for forget in (lambda: None, importspy_hook.cache_clear):
    yes.go("guarded.g0")
    del sys.modules["guarded.g0"]
    forget()
    expect(codes(lambda: no.statement("guarded.g0")), ["missing-variable"])
""",
    )


def test_contracts_that_change(project: Project) -> None:
    """A verdict is that of the contract before a change or after it, and never a mixture.

    Writers count up a version, in three steps: announced, written, done. An importer that saw nothing but version V from
    before its import to after it must have been judged by V.
    """
    lay_out(project)
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "variables: [{name: version, value: 0}, {name: a0}]\n",
            "host.py": "def go():\n    import framework\n",
        }
    )
    in_threads(
        project,
        """
import host, random
host.version = 0
host.a0 = host.a1 = host.a2 = 1
announced = finished = judged = 0

def writing():
    # Each contract asks for its own number, and for a name that tells by a second code whether it was read whole.
    global announced, finished
    announced = version = announced + 1
    lacking = ", {name: lacking}" if version % 2 else ""
    replace("framework/spymodel.yml", f"variables: [{{name: version, value: {version}}}{lacking}]\\n")
    finished = version
    time.sleep(0.002)

def importing():
    global judged
    # Or the writer would starve.
    time.sleep(0.001)
    first = finished
    try:
        host.go()
        found = None
    except importspy_hook.ContractViolation as refused:
        found = {(violation.code, violation.expected) for violation in refused.violations}
    last = announced
    # The importer is version 0 for ever: every later contract refuses it, and says what it wants.
    if found is None:
        assert first == 0, (first, last)
        return
    wanted = [
        {("mismatch-variable", number)} | ({("missing-variable", "lacking")} if number % 2 else set())
        for number in range(max(first, 1), last + 1)
    ]
    told = set()
    for code, expected in found:
        told.add((code, int("".join(c for c in expected if c.isdigit())) if code == "mismatch-variable" else "lacking"))
    assert told in wanted, (told, first, last)
    judged += 1

run(loop(writing), *(loop(importing) for _ in range(63)))
assert judged > 50 and finished > 5, (judged, finished)
""",
    )


def test_everything_at_once(project: Project) -> None:
    """New modules come all the time, guarded and not, and all 64 threads import them while their contracts change.

    A verdict tells the version of the contract that it was made by; see `test_contracts_that_change`.
    """
    lay_out(project)
    project.write({"new/__init__.py": "", "host.py": project.root.joinpath("no.py").read_text()})
    in_threads(
        project,
        """
import host, importlib, random
host.version = 0
made, announced, finished = 0, {}, {}
judged = {"cold": 0, "again": 0, "fits": 0}

def contract(number, version):
    replace(f"new/g{number}.spymodel.yml", f"variables: [{{name: version, value: {version}}}]\\n")

def making():
    global made
    number = made + 1
    contract(number, 0)
    for kind in "gp":
        replace(f"new/{kind}{number}.py", f"VALUE = {number}\\n")
    importlib.invalidate_caches()
    announced[number] = finished[number] = 0
    made = number
    time.sleep(0.01)

def writing(part):
    def body():
        # No two writers write the same.
        number = max(made - random.randrange(8), 1)
        if number % 2 == part and number in announced:
            announced[number] = version = announced[number] + 1
            contract(number, version)
            finished[number] = version
        time.sleep(0.001)
    return body

def importing(seed):
    rng = random.Random(seed)
    def body():
        # Or the writers would starve.
        time.sleep(0.001)
        if not made:
            return
        number = max(made - rng.randrange(4), 1)
        guarded, plain, way = f"new.g{number}", f"new.p{number}", rng.choice([host.go, host.statement])
        is_cold = guarded not in sys.modules
        first = finished[number]
        try:
            way(guarded)
            found = 0
        except importspy_hook.ContractViolation as refused:
            (violation,) = refused.violations
            assert violation.code == "mismatch-variable", violation.code
            found = int("".join(c for c in violation.expected if c.isdigit()))
        except (KeyError, ImportError):
            # Another thread has taken it away meanwhile, or Python's listing of the folder is from before: so Python says
            # it, without the hook too.
            return
        last = announced[number]
        assert first <= found <= last, (first, found, last, guarded)
        judged["cold" if is_cold else "again"] += 1
        judged["fits"] += found == 0
        try:
            expect(importlib.import_module(plain).VALUE, number)
        except ModuleNotFoundError as error:
            assert error.name == plain, error
        if rng.random() < 0.02:
            sys.modules.pop(guarded, None)
        if rng.random() < 0.01:
            rng.choice([importlib.invalidate_caches, importspy_hook.cache_clear])()
    return loop(body)

run(loop(making), loop(writing(0)), loop(writing(1)), *(importing(seed) for seed in range(61)))
assert min(judged.values()) > 5 and made > 10, (judged, made)
print(judged, made, sum(announced.values()))
""",
    )


def test_an_environment_that_changes(project: Project) -> None:
    """Each thread judges for itself: no verdict outlives the environment that it was made in."""
    lay_out(project)
    project.write(
        {
            "framework/__init__.py": "",
            "framework/spymodel.yml": "deployments: [{systems: [{environment: {variables: [{name: LEVEL, value: high}]}}]}]\n",
            "host.py": "def go():\n    import framework\n",
        }
    )
    in_threads(
        project,
        """
import host
started = ended = 0
os.environ["LEVEL"] = "high"

def changing():
    global started, ended
    started += 1
    os.environ["LEVEL"] = "low" if started % 2 else "high"
    ended = started
    time.sleep(0.001)

counts = {True: 0, False: 0}
def importing():
    first = ended
    found = codes(host.go)
    last = started
    assert found in ([], ["mismatch-environment-variable"])
    if first == last:
        assert (found == []) == (first % 2 == 0), (found, first, last)
        counts[found == []] += 1
    # Or the writer would starve.
    time.sleep(0.001)

run(loop(changing), *(loop(importing) for _ in range(63)))
assert counts[True] > 5 and counts[False] > 5, counts
""",
    )


def test_importers_and_bindings_that_change(project: Project) -> None:
    """Every thread has an importer of its own, which it changes; and all share the guarded module."""
    lay_out(project)
    in_threads(
        project,
        """
import random, types, yes, no
yes.go("guarded.g0"), codes(lambda: no.go("guarded.g0"))
code = compile("def go():\\n    import guarded.g1\\n", "<made>", "exec")

def importing(number):
    rng = random.Random(number)
    name = f"made{number}"
    def body():
        module = sys.modules[name] = types.ModuleType(name)
        exec(code, vars(module))
        for _ in range(10):
            if rng.random() < 0.5:
                module.fits = rng.random()
            else:
                vars(module).pop("fits", None)
            for _ in range(3):
                assert (codes(module.go) == []) == hasattr(module, "fits")
    return loop(body)

run(*(importing(number) for number in range(64)))
assert importspy_hook.cache_info()["size"] <= 66
""",
    )


# Cold, the first refusal of all, which imports the exception classes, comes while children are made.
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_forks_inside_threads(project: Project, warm: bool) -> None:
    """A child of `fork` has one thread, the hook, and no lock that somebody else holds."""
    lay_out(project)
    in_threads(
        project,
        """
import random, signal, warnings, yes, no
WARM = bool(sys.argv[1:])
warnings.simplefilter("ignore")
faulthandler.register(signal.SIGUSR1)

def importing(seed):
    rng = random.Random(seed)
    def body():
        # Not the one that children import: Python 3.10 holds the lock of a loaded module, too, while it imports it.
        name = f"guarded.g{rng.randrange(1, 400)}"
        expect(codes(lambda: yes.go(name)), [], name)
        expect(codes(lambda: no.go(name)), ["missing-variable"], name)
    return loop(body)

children = 0
def forking():
    global children
    child = os.fork()
    if child == 0:
        # The import system's own locks are not at issue: `guarded.g0` is loaded.
        try:
            for _ in range(2):
                expect(codes(lambda: yes.go("guarded.g0")), [])
                expect(codes(lambda: no.go("guarded.g0")), ["missing-variable"])
                importspy_hook.cache_clear()
            fits = True
            importspy_hook.decisions(), importspy_hook.cache_info()
        except BaseException as error:
            os.write(2, f"in a child of fork: {error!r}\\n".encode())
            fits = False
        os._exit(0 if fits else 1)
    end = time.monotonic() + 20
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGUSR1)
            time.sleep(1)
            os.kill(child, signal.SIGKILL)
            raise AssertionError("a child of fork hangs")
        time.sleep(0.002)
    assert status == 0, status
    children += 1

yes.go("guarded.g0")
if WARM:
    for _ in range(2):
        codes(lambda: no.go("guarded.g0")), codes(lambda: no.go("guarded.g1"))
        importspy_hook.cache_clear()
    importspy_hook.decisions(), importspy_hook.cache_info()
run(*(loop(forking) for _ in range(4)), *(importing(seed) for seed in range(1, 60)))
assert children > 1, children
""",
        *["warm"][: int(warm)],
    )


def test_installing_and_taking_out_meanwhile(project: Project) -> None:
    """While the hook comes and goes, every import ends one way or the other; afterwards it enforces."""
    lay_out(project)
    in_threads(
        project,
        """
import importlib, random, yes, no
yes.go("guarded.g0"), codes(lambda: no.go("guarded.g0"))

def switching():
    importspy_hook.uninstall()
    importspy_hook.install()
    time.sleep(0.001)

def importing(seed):
    rng = random.Random(seed)
    def body():
        number = rng.randrange(400)
        try:
            expect(codes(lambda: yes.go(f"guarded.g{number}")), [])
        except ModuleNotFoundError:
            # Python walks `sys.meta_path` as it is: who takes a finder out makes it miss the next one.
            pass
        try:
            assert codes(lambda: no.go(f"guarded.g{number}")) in ([], ["missing-variable"])
        except ModuleNotFoundError:
            pass
    return loop(body)

run(loop(switching), *(importing(seed) for seed in range(32)))
assert importspy_hook.is_installed() and sum("importspy" in repr(finder) for finder in sys.meta_path) == 1
expect(codes(lambda: no.go("guarded.g3")), ["missing-variable"])
""",
    )


def test_cycles_across_threads(project: Project) -> None:
    """Guarded modules that import each other, begun from both ends: Python's own way out of the deadlock must work."""
    project.write({"tools.py": TOOLS})
    in_threads(
        project,
        """
import importlib

def pair(number):
    # The contract of the folder asks every importer for the same name.
    for one, other in ("ab", "ba"):
        with open(f"{one}{number}.py", "w") as file:
            file.write(f"fits = True\\nimport time; time.sleep(0.0005)\\nimport {other}{number}\\n")

with open("spymodel.yml", "w") as file:
    file.write("variables: [{name: fits}]\\nprotects: ['a*', 'b*']\\n")
fits = True
PAIRS = 200
for number in range(PAIRS):
    pair(number)
importlib.invalidate_caches()
barrier = threading.Barrier(8)
imported = 0

def importing(thread):
    def body():
        global imported
        for number in range(PAIRS):
            barrier.wait(30)
            try:
                assert importlib.import_module("ab"[thread % 2] + str(number)).fits
                imported += 1
            except RuntimeError as error:
                # Python's own way out does not always work, with the hook or without.
                assert "deadlock detected" in str(error), error
            if done.is_set():
                barrier.abort()
                break
        done.set()
    return body

def guarded(body):
    def go():
        try:
            body()
        except threading.BrokenBarrierError:
            pass
        except BaseException:
            import traceback
            failed.append(traceback.format_exc())
            barrier.abort()
    return go

run(*(guarded(importing(thread)) for thread in range(8)))
assert imported > 100, imported
assert any(decision["importer"].startswith("a") for decision in importspy_hook.decisions())
""",
    )


def test_nothing_grows(project: Project) -> None:
    """The same work again and again, in many threads, takes no more memory."""
    lay_out(project)
    in_threads(
        project,
        """
import gc, random, yes, no
yes.go("guarded.g0"), codes(lambda: no.go("guarded.g0"))

def importing(seed):
    rng = random.Random(seed)
    def body():
        number = rng.randrange(400)
        name = f"guarded.g{number}"
        codes(lambda: yes.go(name)), codes(lambda: no.go(name))
        os.environ["ANY"] = str(rng.random())
        if rng.random() < 0.1:
            replace(f"guarded/g{number}.spymodel.yml", f"variables: [{{name: fits}}] # {rng.randrange(100)}\\n")
    return loop(body)

sizes = []
total = SECONDS
SECONDS = total / 4
vars(sys.modules["tools"])["SECONDS"] = SECONDS
for part in range(4):
    done.clear()
    run(*(importing(seed) for seed in range(32)))
    gc.collect()
    sizes.append(resident())
assert importspy_hook.cache_info()["size"] <= 800
assert len(importspy_hook.decisions()) <= 1000
# The first part fills what is bounded.
assert sizes[-1] - sizes[1] < 4 << 20, sizes
""",
    )
