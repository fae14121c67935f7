"""`./duecast test`: the suite on the embedded default, then on PostgreSQL and Redis if they answer.

Each set-up gets a data folder, a database name and a Redis prefix made for this run, and only
those are removed at its end. Arguments go to pytest.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from calendar_app.bench.places import own_places, servers_from
from tests.chromium import HOW_TO_INSTALL, find_chromium
from tests.setting_names import setting_names

ROOT = Path(__file__).parents[1]
EMBEDDED = "Embedded (SQLite, broker in a file)"
SERVERS = "PostgreSQL and Redis"


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without the settings of an instance that this shell may be set up for."""
    names = setting_names()
    ours = {*names, *(f"{name}_FILE" for name in names)}
    return {name: value for name, value in environment.items() if name not in ours}


def run_pytest(
    name: str, arguments: Sequence[str], settings: Mapping[str, str], lines: Sequence[str]
) -> tuple[int, str]:
    """pytest's exit code and the counts in words."""
    print(f"\n{name}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="duecast-test-") as folder:
        counts = Path(folder) / "counts"
        told = {"name": name, "lines": list(lines), "counts_path": str(counts)}
        command = [sys.executable, "-m", "pytest", "-p", "tests.setups", *arguments]
        environment = {
            **clean_environment(os.environ),
            **settings,
            "DATA_DIR": str(Path(folder) / "data"),
            "DUECAST_SETUPS": json.dumps(told),
        }
        code = _call(command, environment)
        words = counts.read_text(encoding="utf-8") if counts.exists() else f"ended with code {code}"
    return code, words


def _call(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Like subprocess.call, but Ctrl-C leaves it to pytest to end in order."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(environment)) as process:
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()


def what_ci_lacks(missing: str | None) -> str | None:
    """CI runs everything or fails; elsewhere less is fine."""
    if missing:
        return f"{missing}. CI runs both set-ups."
    if find_chromium() is None:
        return "Chromium was not found. CI never skips the browser tests."
    return None


def main(arguments: Sequence[str]) -> int:
    servers = servers_from(os.environ)
    missing = servers.missing()
    if os.environ.get("CI") and (lack := what_ci_lacks(missing)):
        sys.exit(f"duecast: {lack}")
    if find_chromium() is None:
        print(f"duecast: {HOW_TO_INSTALL}", flush=True)
    if missing:
        not_run = f"{SERVERS}: not run, {missing}"
        return run_pytest(EMBEDDED, arguments, {}, [not_run])[0]
    first_code, words = run_pytest(
        EMBEDDED, arguments, {}, [f"{SERVERS}: runs next, in a run of its own"]
    )
    if first_code == 2:
        return first_code
    with own_places(servers) as settings:
        code, _ = run_pytest(SERVERS, arguments, settings, [f"{EMBEDDED}: {words}"])
    if first_code:
        print(f"duecast: failed on: {EMBEDDED}", flush=True)
    return first_code or code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
