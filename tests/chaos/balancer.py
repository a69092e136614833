"""A load balancer for the replicas of one process: each connection goes to one that answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

from tests.chaos import Chance

_CHUNK = 64 * 1024


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A replica that died takes its connections along; that is what this is for."""


@contextmanager
def balancing(replicas: Sequence[int], chance: Chance) -> Iterator[int]:
    """The port of this machine from which connections go to those of *replicas*."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            for port in chance.sample(replicas, len(replicas)):
                with suppress(OSError):
                    other = socket.create_connection(("127.0.0.1", port), timeout=2)
                    break
            else:
                return
            other.settimeout(None)
            with other:
                back = threading.Thread(target=_pump, args=(other, self.request), daemon=True)
                back.start()
                _pump(self.request, other)
                back.join()

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Everything that comes, to its end; then the other side hears of the end too."""
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR if end is sink else socket.SHUT_RD)
