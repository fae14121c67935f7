from collections.abc import Iterator

import pytest

from simulator import process
from simulator.control import Control
from tiktok.app import App


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[process.Running]:
    with process.start() as running:
        yield running


@pytest.fixture
def control(running_simulator: process.Running) -> Control:
    running_simulator.control.reset()
    return running_simulator.control


@pytest.fixture
def app(running_simulator: process.Running, control: Control) -> App:
    return App(
        client_key=running_simulator.client_key,
        client_secret=running_simulator.client_secret,
        api_url=running_simulator.base_url,
        authorize_url=f"{running_simulator.base_url}/v2/auth/authorize/",
        connect_timeout_s=5,
        read_timeout_s=5,
    )
