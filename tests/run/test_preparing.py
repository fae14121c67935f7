import socket
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import reverse

from calendar_app.bench.ports import free_ports
from calendar_app.preparing import (
    CannotStart,
    collect_static_files,
    hold_data_dir,
    refuse_taken_ports,
)
from calendar_app.processes import all_commands, ports_needed, simulator_command


def settings_for(**overrides: object) -> SimpleNamespace:
    values = {
        "PORT": 8000,
        "BIND": "127.0.0.1",
        "SITE_URL": "http://localhost:8000",
        "DATA_DIR": Path("/data"),
        "LOG_LEVEL": "INFO",
        "CLOCK_THREADS": 4,
        "DELIVERY_THREADS": 8,
        "TIKTOK_APP_MODE": "simulator",
        "SIMULATOR_IS_BUILT_IN": True,
        "SIMULATOR_HOST": "127.0.0.1",
        "SIMULATOR_PORT": 18000,
        "TIKTOK_CLIENT_KEY": "key",
        "TIKTOK_CLIENT_SECRET": "the secret",
    }
    return SimpleNamespace(**values | overrides)


def test_a_folder_is_held_by_one_only(tmp_path):
    with hold_data_dir(tmp_path), pytest.raises(CannotStart, match="another Duecast is running"):
        hold_data_dir(tmp_path)


def test_a_folder_is_free_again_after_its_holder(tmp_path):
    hold_data_dir(tmp_path).close()

    hold_data_dir(tmp_path).close()


def test_a_taken_port_is_refused_by_the_name_of_its_setting():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = taken.getsockname()

        with pytest.raises(CannotStart, match=rf"port {place[1]} .* SIMULATOR_PORT=\d+ "):
            refuse_taken_ports({"SIMULATOR_PORT": place})


def test_a_free_port_is_let_through():
    [port] = free_ports(1)

    refuse_taken_ports({"PORT": ("127.0.0.1", port)})


def test_an_address_of_another_machine_names_bind():
    with pytest.raises(CannotStart, match="see PORT and BIND"):
        refuse_taken_ports({"PORT": ("192.0.2.1", 8000)})


def test_static_files_are_collected_once(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"

    assert [collect_static_files(), collect_static_files()] == [True, False]


def test_a_changed_static_file_is_collected_again(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    collect_static_files()

    (source / "page.css").write_text("a { color: red }")

    assert collect_static_files()
    assert (tmp_path / "static" / "page.css").read_text() == "a { color: red }"


def test_the_built_in_simulator_is_one_of_the_commands():
    names = [command.name for command in all_commands(settings_for())]

    assert names == ["web", "clock", "deliveries", "beat", "simulator"]


def test_with_another_tiktok_no_simulator_is_started():
    settings = settings_for(SIMULATOR_IS_BUILT_IN=False)

    assert "simulator" not in [command.name for command in all_commands(settings)]
    assert list(ports_needed(settings)) == ["PORT"]


def test_the_simulator_s_secret_is_in_no_command_line():
    command = simulator_command(settings_for(), "127.0.0.1")

    assert "the secret" not in command.arguments
    assert command.environment["SIMULATOR_CLIENT_SECRET"] == "the secret"


def test_the_simulator_reports_to_this_instance():
    arguments = list(simulator_command(settings_for(), "127.0.0.1").arguments)

    address = arguments[arguments.index("--webhook-url") + 1]
    assert address == "http://localhost:8000" + reverse("tiktok_webhook")


def test_the_simulator_fetches_from_the_site_by_the_way_it_is_told():
    arguments = list(simulator_command(settings_for(), "127.0.0.1", "http://web:8000").arguments)

    assert arguments[arguments.index("--fetch-from") + 1] == "http://web:8000"
    prefix = arguments[arguments.index("--verified-prefix") + 1]
    assert prefix == f"{settings_for().SITE_URL}/pull/"
