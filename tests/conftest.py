"""Async tests run on virtual time: hours pass in milliseconds, and nothing sleeps. `real_time` opts out."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Generator
from functools import lru_cache

import pytest

from assets import Assets
from config import Settings
from interaction.clock import run_virtual

# `auto`, the default, would start a model on a machine with a GPU: the tests say themselves what observes.
os.environ.setdefault("LOOKOUT_OBSERVER", "embedded")

# Names of markers ("browser,weights,footage") whose tests must run: there a skip is a failure. CI sets it.
REQUIRED = set(filter(None, os.environ.get("LOOKOUT_TEST_REQUIRE", "").split(",")))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    test = pyfuncitem.obj(**arguments)
    if marker := pyfuncitem.get_closest_marker("real_time"):
        asyncio.run(asyncio.wait_for(test, *(marker.args or (120,))))
    else:
        run_virtual(test)
    return True


@lru_cache
def missing_weights() -> str:
    """What is missing of the large weights, in one line; empty: nothing."""
    store = Assets.of(Settings())
    return " ".join(
        str(error) for name in ("whisper-base", "whisper-tiny-en", "kokoro") if (error := store.error(name))
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("weights") and missing_weights():
        pytest.skip(missing_weights())
    if item.get_closest_marker("vllm") and not os.environ.get("LOOKOUT_VLLM_PYTHON"):
        pytest.skip("no environment with vLLM: `make test-vllm` makes one, and runs this")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and any(item.get_closest_marker(name) for name in REQUIRED):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must run here (LOOKOUT_TEST_REQUIRE) and was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and REQUIRED:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must run here (LOOKOUT_TEST_REQUIRE) and was skipped: {report.longrepr}"
    return report
