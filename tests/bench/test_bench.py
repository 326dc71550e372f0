"""The benches run and lose nothing; how fast they are is no test's business."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import bench
from tests.bench import answer, exam, start, wecom
from tests.bench.processes import ROOT

KEYS = {"rate", "p50_ms", "p99_ms", "rss_mb", "ratio", "reference", "lost", "doubled"}
TINY = answer.Size(people=70, rounds=1, offered=((100, 0.5),))


@pytest.mark.parametrize(("run", "calls"), [(answer.handed, 2 * 212), (answer.sent, 2 * 212)])
def test_two_hundred_presses_are_all_kept_once_and_replied_to(run, calls):
    found = run(TINY)
    assert set(found) >= KEYS
    assert (found["lost"], found["doubled"], found["refused"]) == (0, 0, 0)
    # 210 presses and two that come twice; a repeated press is not replied to again, but its button stops spinning.
    assert found["calls"][0] >= calls - 2


def test_an_exam_of_a_few_loses_nothing_and_everybody_begins():
    found = exam.run(exam.Size(people=12, seconds=3, burst=False))
    assert set(found) >= KEYS
    assert (found["lost"], found["doubled"], found["refused"], found["begun"]) == (0, 0, 0, 12)
    assert found["presses"] == 12 * 51


def test_a_start_is_measured_beside_bare_python():
    found = start.run(times=1)
    assert set(found) >= KEYS
    assert found["lost"] == found["doubled"] == 0


def test_wecom_loses_nothing_in_a_restart_and_a_kill_and_reaches_everybody():
    found = wecom.run(wecom.Size(people=40, rate=20, seconds=1, restart_seconds=3))
    assert set(found) >= KEYS
    assert (found["lost"], found["doubled"], found["dropped"], found["problems"]) == (0, 0, 0, [])
    assert found["push_calls"] == 1
    assert found["accepted"] == found["offered"] == 20
    assert (found["restart"]["exit_code"], found["kill"]["exit_code"]) == (0, -9)
    for way in ("restart", "kill"):
        assert found[way]["accepted"] == found[way]["offered"] == 60


def test_an_unknown_bench_names_those_there_are():
    with pytest.raises(ValueError, match="answer, answer-sent, exam, start, wecom"):
        bench.run("fast")


def test_a_benchmark_nobody_knows_is_wrong_use_and_names_those_there_are():
    command = [sys.executable, "bot.py", "bench", "nonsense"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "answer-sent" in done.stderr
    assert "Traceback" not in done.stderr
