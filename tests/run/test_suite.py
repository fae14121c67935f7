import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.run.commands import ROOT, Started, python, wait_until
from tests.suite import ONLY_EMBEDDED, ONLY_SERVERS, must_run_in_sequence

DRIVER = """
import json, os, sys
from tests import suite
setups = [suite.Setup(*values) for values in json.loads(os.environ["SETUPS"])]
sys.exit(getattr(suite, os.environ["HOW"])(setups, sys.argv[1:]))
"""
# Each run waits for the other, so that it passes only beside it.
PASSES = """
import os, sys, time, pathlib

def test_the_other_runs_too():
    print("data in", os.environ["DATA_DIR"])
    assert "PRODUCT_NAME" not in os.environ
    assert not sys.dont_write_bytecode
    here = pathlib.Path(__file__).parent
    (here / os.environ["REDIS_PREFIX"]).touch()
    give_up_at = time.monotonic() + 60
    while not (here / os.environ["OTHER"]).exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
"""
ONE_FAILS = """
import os

def test_one():
    assert os.environ["REDIS_PREFIX"] != os.environ["FAILS"]
"""
FAILS = """
def test_one():
    assert False
"""
DIES = """
import os

def test_one():
    os._exit(3)
"""
SHARED = """
def test_one():
    pass
"""
LASTS = """
import os, pathlib, time
import pytest

HERE = pathlib.Path(__file__).parent

@pytest.fixture
def tidied():
    (HERE / f"{os.environ['REDIS_PREFIX']}-began").touch()
    yield
    (HERE / f"{os.environ['REDIS_PREFIX']}-tidied").touch()

def test_one(tidied, capsys):
    while not (HERE / "go").exists():
        time.sleep(0.02)
    with capsys.disabled():
        print("something for the reader", flush=True)
    time.sleep(600)
"""
REAL_PROCESSES = re.compile(r"^[^\"']*mark\.processes", re.MULTILINE)
SETUPS = [
    ["The first", {"REDIS_PREFIX": "first", "OTHER": "second"}],
    ["The second", {"REDIS_PREFIX": "second", "OTHER": "first"}],
]


class Suite:
    """The driver on two set-ups that differ in a setting, with a test file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def command(self, code: str, *arguments: str, named: str = "test_it.py") -> list[str]:
        (self.folder / "test_it.py").write_text(code)
        path = self.folder / named
        return python("-c", DRIVER, "-p", "no:cacheprovider", *arguments, str(path))

    def environment(self, how: str, **variables: str) -> dict[str, str]:
        own = {"SETUPS": json.dumps(SETUPS), "HOW": how, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return {**os.environ, **own, **variables}

    def run(
        self,
        code: str,
        *arguments: str,
        how: str = "run_side_by_side",
        named: str = "test_it.py",
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(code, *arguments, named=named),
            env=self.environment(how, **variables),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def tidied(self) -> set[str]:
        return {path.name for path in self.folder.glob("*-tidied")}


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def ran(done: subprocess.CompletedProcess[str]) -> list[str]:
    """How each run ended, as the closing lines say it at the end of all output."""
    lines = [line.strip("= ").partition(" in ") for line in done.stdout.splitlines()]
    return [words for words, _, took in lines if took][-2:]


def last_lines(done: subprocess.CompletedProcess[str], count: int) -> list[str]:
    return [line.strip("= ") for line in done.stdout.splitlines()[-count:]]


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A run of two set-ups that pass, from a shell that is set up for an instance."""
    suite = Suite(tmp_path_factory.mktemp("passed"))
    of_the_shell = {"PRODUCT_NAME": "Another", "DATA_DIR": "/nowhere"}
    return suite.run(PASSES, "-rP", **of_the_shell, PYTHONDONTWRITEBYTECODE="1")


def test_both_set_ups_run_at_the_same_time(passed):
    assert passed.returncode == 0, passed.stdout


def test_the_second_one_is_shown_after_the_first_and_both_once_more_at_the_end(passed):
    lines = [line.strip("= ").partition(" in ")[0] for line in passed.stdout.splitlines()]

    assert [line for line in lines if line.startswith("The ") or line == "1 passed"] == [
        *("The first", "1 passed", "The second", "1 passed"),
        *("The first:", "1 passed", "The second:", "1 passed"),
    ]


def test_the_last_line_is_pytests_own(passed):
    lines = passed.stdout.splitlines()

    assert lines[-1].startswith("=====")
    assert lines[-1] in lines[:-4]


def test_each_set_up_has_a_data_folder_of_its_own(passed):
    folders = {line for line in passed.stdout.splitlines() if line.startswith("data in ")}

    assert len(folders - {"data in /nowhere"}) == 2


@pytest.mark.parametrize("failing", ["first", "second"])
def test_a_failure_in_one_of_them_decides_the_code_and_the_last_line(suite, failing):
    done = suite.run(ONE_FAILS, FAILS=failing)

    assert done.returncode == 1
    assert last_lines(done, 2)[0] == f"The {failing}:"
    assert last_lines(done, 1)[0].startswith("1 failed in ")


def test_a_run_without_a_closing_line_is_told_by_its_code(suite):
    done = suite.run(DIES)

    assert done.returncode == 3
    assert last_lines(done, 2) == ["The second:", "ended with code 3"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_both_in_order(suite, number):
    started = Started(
        suite.command(LASTS), suite.folder / "output", suite.environment("run_side_by_side")
    )
    wait_until(lambda: len(list(suite.folder.glob("*-began"))) == 2)

    # As a terminal does: to everybody in the foreground.
    os.killpg(started.process.pid, number)

    assert started.end() == 2
    assert suite.tidied() == {"first-tidied", "second-tidied"}
    assert started.said().splitlines()[-1].strip("= ").startswith("no tests ran in ")


def test_a_reader_that_goes_away_ends_both_in_order(suite):
    started = subprocess.Popen(
        suite.command(LASTS),
        env=suite.environment("run_side_by_side"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(list(suite.folder.glob("*-began"))) == 2)

    started.stdout.close()
    (suite.folder / "go").touch()

    assert started.wait(60) != 0
    assert suite.tidied() == {"first-tidied", "second-tidied"}


@pytest.fixture
def shared(tmp_path: Path) -> dict[str, str]:
    """A folder with a test for both set-ups and one that only the second runs."""
    (tmp_path / "test_shared.py").write_text(SHARED)
    names = ["The first", {}, [str(tmp_path / "test_it.py")]], ["The second", {}, []]
    return {"SETUPS": json.dumps(names)}


@pytest.mark.parametrize("how", ["run_side_by_side", "run_in_sequence"])
def test_what_one_leaves_out_runs_on_the_other(suite, shared, how):
    done = suite.run(SHARED, named="", how=how, **shared)

    assert done.returncode == 0, done.stdout
    assert ran(done) == ["1 passed", "2 passed"]


@pytest.mark.parametrize("how", ["run_side_by_side", "run_in_sequence"])
def test_a_failure_in_what_runs_once_is_a_failure(suite, shared, how):
    done = suite.run(FAILS, named="", how=how, **shared)

    assert done.returncode == 1, done.stdout
    assert ran(done) == ["1 passed", "1 failed, 1 passed"]


@pytest.mark.parametrize("how", ["run_side_by_side", "run_in_sequence"])
def test_one_with_nothing_to_run_is_no_failure_and_does_not_come_last(suite, shared, how):
    done = suite.run(SHARED, "-k", "test_it", named="", how=how, **shared)

    assert done.returncode == 0, done.stdout
    assert ran(done)[-1] == "1 passed, 1 deselected"


@pytest.mark.parametrize("how", ["run_side_by_side", "run_in_sequence"])
def test_nothing_to_run_on_both_is_a_failure(suite, shared, how):
    done = suite.run(SHARED, "-k", "nothing_is_called_so", named="", how=how, **shared)

    assert done.returncode == 5


def test_what_is_named_runs_on_both(suite, shared):
    done = suite.run(SHARED, **shared)

    assert ran(done) == ["1 passed", "1 passed"]


def test_what_runs_once_exists_and_is_no_business_of_the_servers():
    assert not set(ONLY_EMBEDDED) & set(ONLY_SERVERS)
    for place in [*ONLY_EMBEDDED, *ONLY_SERVERS]:
        path = ROOT / place
        assert path.exists(), place
        sources = path.rglob("*.py") if path.is_dir() else [path]
        assert not any(REAL_PROCESSES.search(source.read_text()) for source in sources), place


@pytest.mark.parametrize(("place", "index"), [("first", 0), ("last", -1)])
def test_real_processes_are_tested_where_the_set_up_wants_them(place, index):
    done = subprocess.run(
        python("-m", "pytest", "--collect-only", "-q", "tests/broker"),
        env={**os.environ, "DUECAST_PROCESSES": place},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    found = [line for line in done.stdout.splitlines() if "::" in line]
    of_processes = ("tests/broker/test_redis.py", "tests/broker/test_workers.py")
    assert found[index].startswith(of_processes)
    assert not found[-1 - index].startswith(of_processes)


def test_in_sequence_a_failure_ends_it(suite):
    done = suite.run(ONE_FAILS, how="run_in_sequence", FAILS="first")

    assert done.returncode == 1
    assert "The second" not in done.stdout


def test_in_sequence_the_second_follows_the_first(suite):
    done = suite.run(ONE_FAILS, how="run_in_sequence", FAILS="second")

    assert done.returncode == 1
    assert done.stdout.index("The first") < done.stdout.index("1 passed")
    assert last_lines(done, 1)[0].startswith("1 failed in ")


@pytest.mark.parametrize(
    "argument", ["-x", "-s", "-vx", "-xvs", "--pdb", "--maxfail=2", "--exitfirst", "--capture=no"]
)
def test_what_needs_the_terminal_or_stops_early_runs_in_sequence(argument):
    assert must_run_in_sequence(["tests/run", argument])


@pytest.mark.parametrize(
    "argument", ["-rs", "-v", "-q", "-k", "xs", "--trace-config", "tests/x-s", "--durations=40"]
)
def test_everything_else_runs_side_by_side(argument):
    assert not must_run_in_sequence(["tests/run", argument])
