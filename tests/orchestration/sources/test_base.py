"""The pacer on a real event loop."""

import asyncio

from orchestration.sources.base import Pacer


def test_a_paused_source_waits_until_it_is_resumed() -> None:
    async def run() -> list[str]:
        pacer = Pacer()
        told = []

        async def source() -> None:
            await pacer.running()
            told.append("began")
            pacer.pause()
            await pacer.breathe()
            told.append("went on")

        task = asyncio.create_task(source())
        while not pacer.paused:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        told.append("paused")
        pacer.resume()
        await task
        return told

    assert asyncio.run(run()) == ["began", "paused", "went on"]


def test_until_tells_whether_it_was_paused_meanwhile() -> None:
    async def run() -> tuple[bool, bool]:
        pacer = Pacer()
        undisturbed = await pacer.until(pacer.monotonic_us() + 1_000)
        waiting = asyncio.create_task(pacer.until(pacer.monotonic_us() + 1_000))
        await asyncio.sleep(0)
        pacer.pause()
        return undisturbed, await waiting

    assert asyncio.run(run()) == (True, False)


def test_a_moment_in_the_past_is_not_waited_for() -> None:
    async def run() -> bool:
        pacer = Pacer()
        return await asyncio.wait_for(pacer.until(pacer.monotonic_us() - 10**12), timeout=10)

    assert asyncio.run(run())
