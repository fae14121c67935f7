import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOG_ID = "20261121000000ABC"


@dataclass
class Received:
    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def query(self):
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self):
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def json(self):
        return json.loads(self.body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "StubServer"

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def act(self):
        self.server.connections.add(self.client_address)
        self.server.behaviour(self)

    do_GET = do_POST = do_PUT = act

    def receive(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append(Received(self.command, self.path, self.headers, body))

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class StubServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.connections: set[tuple[str, int]] = set()
        self.behaviour: Callable[[Handler], None] = lambda handler: handler.answer(500)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def will_answer(self, status=200, body=b"", headers=None):
        def behave(handler):
            handler.receive()
            handler.answer(status, body, headers)

        self.behaviour = behave

    def will_answer_json(self, value, status=200, headers=None):
        self.will_answer(status, json.dumps(value).encode(), headers)

    def will_succeed(self, data):
        self.will_answer_json(envelope("ok", data=data))

    def will_fail(self, code, status, message="TikTok's words", headers=None):
        self.will_answer_json(envelope(code, message), status, headers)

    @property
    def last(self):
        return self.received[-1]


def envelope(code, message="", data=None):
    error = {"code": code, "message": message, "log_id": LOG_ID}
    return {"data": {} if data is None else data, "error": error}


def serve(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    return thread
