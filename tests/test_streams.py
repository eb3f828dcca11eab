"""The two queues and the background tasks."""

from __future__ import annotations

import asyncio

import pytest

from interaction.streams import Channel, Closed, Latest, TaskScope


async def test_latest_gives_the_newest_and_counts_what_nobody_took() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    latest.put(2)
    assert await latest.take() == 2
    assert (latest.overwritten, latest.peek()) == (1, 2)


async def test_a_full_channel_refuses_and_a_closed_one_still_delivers() -> None:
    channel: Channel[int] = Channel(2)
    assert [channel.send(n) for n in (1, 2, 3)] == [True, True, False]
    channel.close()
    assert [item async for item in channel] == [1, 2] and channel.dropped == 1
    with pytest.raises(Closed):
        await channel.receive()
    assert channel.send(4) is False


async def test_a_reader_is_woken_by_an_item_and_by_the_end() -> None:
    channel: Channel[str] = Channel(5)

    async def read() -> list[str]:
        return [item async for item in channel]

    reader = asyncio.create_task(read())
    await asyncio.sleep(1)
    channel.send("a")
    await asyncio.sleep(1)
    channel.close()
    assert await reader == ["a"]


async def test_a_task_that_fails_is_reported_and_one_of_the_same_name_replaces_the_older() -> None:
    failures: list[tuple[str, str]] = []
    scope = TaskScope(lambda name, error: failures.append((name, str(error))))

    async def fail() -> None:
        raise ValueError("broken")

    first = scope.spawn("work", asyncio.sleep(100))
    scope.spawn("work", fail())
    await asyncio.sleep(1)
    assert first.cancelled() and failures == [("work", "broken")] and scope.names == []
    forever = scope.spawn("forever", asyncio.sleep(10_000))
    await scope.aclose()
    assert forever.cancelled()
