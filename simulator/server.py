"""The HTTP/1.1 front: sockets, heads and bodies; what to answer is decided in `simulator.app`."""

import contextlib
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from simulator.app import Simulator
from simulator.wire import Dropped, Request, Response

IDLE_TIMEOUT_S = 300
LINGER_RESET = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """One thread per connection; threads die with the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        self.simulator = simulator
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # HTTPServer asks the resolver for the host's full name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        host, port = self.socket.getsockname()[:2]
        self.server_address = (host, port)
        self.server_name, self.server_port = host, port

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Turns a socket into `Request`s and `Response`s into bytes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    rbufsize = 1 << 16
    timeout = IDLE_TIMEOUT_S
    server: Server

    def parse_request(self) -> bool:
        self.arrived_at = time.time()
        self.arrived_monotonic_s = time.monotonic()
        self.order = self.server.simulator.store.next_number()
        return super().parse_request()

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=unquote(path),
            query_string=query,
            headers=self.headers,
            stream=self.rfile,  # type: ignore[arg-type]
            arrived_at=self.arrived_at,
            arrived_monotonic_s=self.arrived_monotonic_s,
            order=self.order,
        )
        try:
            self._send(self.server.simulator.answer(request))
        except Dropped as drop:
            self._hang_up(drop.reset)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _send(self, response: Response) -> None:
        try:
            self._write(response)
        except OSError:
            if response.on_lost:
                response.on_lost()
            self.close_connection = True

    def _write(self, response: Response) -> None:
        length = len(response.body) if response.length is None else response.length
        self.send_response(response.status)
        if response.status != 304:
            self.send_header("Content-Length", str(length))
        if response.body or response.stream:
            self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.headers.get("Connection") == "close":
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.cut_at])
            for part in response.stream or ():
                self.wfile.write(part)
        self.wfile.flush()
        if response.cut_at is not None:
            raise Dropped

    def _hang_up(self, reset: bool) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)

    def version_string(self) -> str:
        return "simulator"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request log is at /control/requests."""
