import pytest

from tests.tiktok.stub import StubServer, serve
from tiktok.app import App
from tiktok.transport import forget_connections


@pytest.fixture
def server():
    stub = StubServer()
    serve(stub)
    yield stub
    stub.shutdown()
    stub.server_close()
    forget_connections()


@pytest.fixture
def app(server):
    return App(
        "the-key",
        "the-secret",
        api_url=server.url,
        connect_timeout_s=5,
        read_timeout_s=5,
    )
