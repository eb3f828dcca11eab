"""Async tests run on virtual time: hours pass in milliseconds, and nothing sleeps. `real_time` opts out."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from interaction.clock import run_virtual


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    test = pyfuncitem.obj(**arguments)
    if pyfuncitem.get_closest_marker("real_time"):
        asyncio.run(asyncio.wait_for(test, 120))
    else:
        run_virtual(test)
    return True
