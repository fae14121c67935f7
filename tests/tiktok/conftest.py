import pytest

from tests.tiktok.certificate import server_context, write_self_signed
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return write_self_signed(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def tls_server(certificate):
    stub = StubServer()
    stub.socket = server_context(certificate).wrap_socket(stub.socket, server_side=True)
    stub.url = f"https://127.0.0.1:{stub.server_port}"
    serve(stub)
    yield stub
    stub.shutdown()
    stub.server_close()
    forget_connections()


@pytest.fixture
def tls_app(tls_server, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("no_proxy", "*")
    return App("the-key", "the-secret", api_url=tls_server.url, trust_env=True)


@pytest.fixture
def app(server):
    return App(
        "the-key",
        "the-secret",
        api_url=server.url,
        connect_timeout_s=5,
        read_timeout_s=5,
    )
