import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from calendar_app.bench.browser import PART_BYTES, Sent
from calendar_app.bench.intake import Memory, Raw, as_rows
from calendar_app.bench.memory import is_linux

ROOT = Path(__file__).parents[2]
RUN_TIMEOUT_S = 240
MEGABYTES = 1_000_000
RAW = Raw(copy_s=2.0, hash_s=1.0, digest="ab")
# A hundred megabytes in ten seconds, six of which passed before it could go on.
SENT = Sent(
    total_s=10.0,
    waited_s=6.0,
    finish_s=3.0,
    sent_bytes=104_500_000,
    outlived=["connection cut", "web killed"],
)
MEMORY = Memory(web_grown=5 * MEGABYTES, probe=60 * MEGABYTES, small_probe=50 * MEGABYTES)


def rows(*, is_equal=True, memory=MEMORY, worker_grown=0):
    made = as_rows(100 * MEGABYTES, SENT, RAW, is_equal, memory, worker_grown)
    return {row.figure: row for row in made}


def test_what_a_person_waited_for_counts():
    row = rows()["Upload of 100 MB, interrupted"]

    assert (row.measured, row.raw, row.ratio) == ("10.0 s, 10 MB/s", "2.0 s, 50 MB/s", "0.20")


def test_the_pauses_are_left_out_beside_it():
    assert rows()["Without waiting to go on"].measured == "4.0 s, 25 MB/s"


def test_hashing_and_probing_stand_beside_hashing_alone():
    row = rows()["From the last byte to media"]

    assert (row.measured, row.raw, row.ratio) == ("3.0 s", "1.0 s", "3.00")


def test_what_had_to_be_sent_again_is_told():
    assert rows()["Sent again"].measured == "4.5 MB"


def test_only_interruptions_that_it_outlived_are_named():
    assert rows()["Outlived"].measured == "connection cut, web killed"


@pytest.mark.parametrize(("is_equal", "word"), [(True, "yes"), (False, "no")])
def test_other_bytes_are_admitted(is_equal, word):
    assert rows(is_equal=is_equal)["Size and SHA-256 are the file's"].measured == word


def test_a_probes_memory_stands_beside_that_for_a_small_file():
    row = rows()["Probe's peak memory"]

    assert (row.measured, row.raw, row.ratio) == ("60.0 MB", "50.0 MB", "1.20")


def test_where_memory_cannot_be_known_the_table_says_so():
    table = rows(memory=None, worker_grown=None)

    unknown = [row.figure for row in table.values() if row.measured == "needs Linux"]
    assert unknown == [
        "Web's peak memory over idle",
        "Probe's peak memory",
        "Worker's peak over idle, 100 MB sent",
    ]


@pytest.fixture(scope="module")
def measured():
    """Figure → what the command printed for a small file on this set-up."""
    setup = "embedded" if settings.DATABASE_IS_SQLITE else "servers"
    command = [sys.executable, "-m", "calendar_app.bench", "--only", "intake", "--setup", setup]
    done = subprocess.run(
        [*command, "--bytes", "40000000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(re.findall(r"^\| (.+?) +\| (.+?) +\|", done.stdout, re.MULTILINE))


@pytest.mark.processes
def test_a_run_ends_with_the_files_own_bytes(measured):
    assert measured["Size and SHA-256 are the file's"] == "yes"


@pytest.mark.processes
def test_a_run_outlives_every_interruption(measured):
    assert measured["Outlived"] == "connection cut, web killed, signed out"


@pytest.mark.processes
@pytest.mark.skipif(not is_linux(), reason="reads /proc")
@pytest.mark.parametrize(
    "figure", ["Web's peak memory over idle", "Worker's peak over idle, 40 MB sent"]
)
def test_a_run_holds_no_file_in_memory(measured, figure):
    assert float(measured[figure].removesuffix(" MB")) < 20


def test_parts_are_as_large_as_the_posting_screens():
    script = (ROOT / "static/js/upload.js").read_text()

    [factors] = re.findall(r"const PART_BYTES = ([\d* ]+);", script)
    assert math.prod(int(factor) for factor in factors.split("*")) == PART_BYTES
