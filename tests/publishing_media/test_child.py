import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from publishing.media import photos, probe
from publishing.media.child import ChildFailed, Limits, ask_child, has_shape

LIMITS = Limits(memory_bytes=1_000_000_000, output_bytes=1_000_000)


def run(tmp_path: Path, program: str, limits: Limits = LIMITS, *arguments: str) -> Any:
    script = tmp_path / "child.py"
    script.write_text(program)
    return ask_child(script, list(arguments), limits)


def failure_of(tmp_path: Path, program: str, limits: Limits = LIMITS) -> str:
    with pytest.raises(ChildFailed) as caught:
        run(tmp_path, program, limits)
    return caught.value.code


def test_answer_is_what_the_child_prints(tmp_path: Path) -> None:
    program = "import json, sys; print(json.dumps(sys.argv[1:]))"

    assert run(tmp_path, program, LIMITS, "a name", "") == ["a name", ""]


def test_limits_are_those_that_were_asked_for(tmp_path: Path) -> None:
    program = (
        "import json, resource\n"
        "kinds = resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE\n"
        "print(json.dumps([resource.getrlimit(kind) for kind in kinds]))"
    )

    answer = run(tmp_path, program, Limits(900_000_000, 5000, cpu_s=7))

    assert answer == [[7, 7], [5000, 5000], [0, 0]]


def test_too_much_memory_ends_the_child(tmp_path: Path) -> None:
    assert failure_of(tmp_path, "bytes(2_000_000_000)") == "crashed"


def test_too_large_a_file_ends_the_child(tmp_path: Path) -> None:
    target = tmp_path / "large"

    code = failure_of(tmp_path, f"open({str(target)!r}, 'wb').write(bytes(2_000_000))")

    assert code == "crashed"
    assert target.stat().st_size <= 1_000_000


def test_endless_work_is_ended_by_the_processor_limit(tmp_path: Path) -> None:
    limits = Limits(LIMITS.memory_bytes, LIMITS.output_bytes, cpu_s=1)

    assert failure_of(tmp_path, "while True: pass", limits) == "crashed"


def test_endless_waiting_is_ended_by_the_clock(tmp_path: Path) -> None:
    limits = Limits(LIMITS.memory_bytes, LIMITS.output_bytes, wall_s=0.5)

    assert failure_of(tmp_path, "import time; time.sleep(600)", limits) == "too_slow"


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "raise SystemExit(3)",
        "",
        "print('not json')",
        "print('[' * 60_000)",
        "print('[' + '1,' * 100_000 + '1]')",
        "import sys; sys.stdout.buffer.write(b'\\xff')",
    ],
)
def test_child_without_an_answer_has_failed(tmp_path: Path, program: str) -> None:
    assert failure_of(tmp_path, program) == "crashed"


def test_child_gets_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_KEYS", "a secret")

    answer = run(tmp_path, "import json, os; print(json.dumps(dict(os.environ)))")

    assert "PATH" in answer
    assert "a secret" not in json.dumps(answer)


def test_others_on_the_machine_cannot_read_what_a_child_writes(tmp_path: Path) -> None:
    run(tmp_path, f"open({str(tmp_path / 'made')!r}, 'w').close(); print(1)")

    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("child", [probe.CHILD, photos.CHILD])
def test_children_import_neither_django_nor_our_layers(child: Path) -> None:
    program = f"import sys, runpy; runpy.run_path({str(child)!r}); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )

    assert {"django", "publishing", "accounts"}.isdisjoint(done.stdout.split())


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ({"sides": 4}, True),
        ({"sides": True}, False),
        ({"sides": 4.0}, False),
        ({"sides": 4, "more": 1}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_shape_is_exact(answer: Any, fits: bool) -> None:
    assert has_shape(answer, {"sides": int}) is fits
