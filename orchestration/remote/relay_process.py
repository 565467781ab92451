"""The process that stands in for the writer on a machine whose workers deliver through Redis."""

import asyncio
from multiprocessing.connection import Connection

from data_layer.cache.stream_sender import StreamSender
from data_layer.errors import ConfigurationError
from orchestration import writer_address
from orchestration.remote.relay_server import RelayServer
from orchestration.writer_process import WriterProcess, run_process
from orchestration.writer_pulse import WriterPulse
from orchestration.writer_spec import WriterSpec


def run_relay(spec: WriterSpec, pipe: Connection) -> None:
    """Entry of the relay process: serve until told to stop, or until the parent is gone."""
    run_process(RelayProcess, spec, pipe)


class RelayProcess(WriterProcess):
    """One life of the relay. Its lock is the writer's: one of them serves the workers of a data directory."""

    name = "relay"

    async def serve(self, pulse: WriterPulse, ended: "asyncio.Future[None]") -> None:
        """Serve workers until `ended`. Nothing is lost at the end: the workers have it."""
        if self._spec.redis is None:
            raise ConfigurationError("rounds of this machine go through Redis, and Redis is switched off")
        sender = StreamSender(self._spec.redis)
        server = RelayServer(sender, pulse, self._spec.secret)
        try:
            await server.start(writer_address.listen(self._spec.address))
            server.on_failure(ended)
            self._control.ready()
            await ended
        finally:
            await server.close()
            sender.close()
