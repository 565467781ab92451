"""Whether the writer takes rounds from Redis, and from which: decided at its start and while it runs."""

import asyncio
from typing import TYPE_CHECKING

from config.redis_target import RedisTarget
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_server import WriterServer

if TYPE_CHECKING:
    from orchestration.remote.stream_intake import StreamIntake


class IntakeSwitch:
    """Starts and stops the intake. Belongs to the writer's loop; without Redis nothing of it is loaded."""

    def __init__(self, server: WriterServer, pulse: WriterPulse, secret: str, place: str) -> None:
        self._server = server
        self._pulse = pulse
        self._secret = secret
        self._place = place  # of the database
        self._target: RedisTarget | None = None
        self._intake: StreamIntake | None = None
        self._closing = False
        self._switching: asyncio.Task[None] | None = None

    def use(self, target: RedisTarget | None) -> None:
        """Take rounds from `target` from now on, or from nowhere. Returns at once."""
        self._target = target
        if self._switching is None or self._switching.done():
            self._switching = asyncio.get_running_loop().create_task(self._switch())

    def stop_reading(self) -> None:
        """Take nothing more; what was taken can still be committed and answered."""
        self._closing = True
        if self._intake is not None:
            self._intake.stop_reading()

    async def close(self) -> None:
        """End, after the answers to what is committed."""
        self.stop_reading()
        self.use(None)
        if self._switching is not None:
            await self._switching

    async def _switch(self) -> None:
        """Bring what runs in line with what is wanted, which may change meanwhile."""
        running: RedisTarget | None = None if self._intake is None else self._intake.target
        while running != self._target:
            if self._intake is not None:
                await self._intake.stop()
                self._intake = running = None
            elif self._target is not None and not self._closing:
                from orchestration.remote.stream_intake import StreamIntake

                running = self._target
                self._intake = StreamIntake(self._server, self._pulse, self._secret, running, self._place)
                self._intake.start()
            else:
                return
