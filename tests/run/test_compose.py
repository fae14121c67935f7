import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from calendar_app.management.commands.work import Command as Work
from tests.setting_names import setting_names

ROOT = Path(__file__).parents[2]
OURS = ["secrets", "migrate", "web", "clock", "deliveries", "beat", "simulator"]
ONCE = ["secrets", "migrate"]
LASTING = ["web", "clock", "deliveries", "beat", "simulator", "postgres", "redis"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services(compose) -> dict[str, Any]:
    return compose["services"]


def test_these_services_exist(services):
    assert set(services) == {*OURS, "postgres", "redis"}


def test_only_the_web_port_is_published(services):
    assert [name for name, service in services.items() if "ports" in service] == ["web"]


def test_the_web_port_is_published_on_this_machine_only_by_default(services):
    assert services["web"]["ports"] == ["${PUBLISH:-127.0.0.1}:${PORT:-8000}:${PORT:-8000}"]


@pytest.mark.parametrize("name", OURS)
def test_ours_share_one_image_and_run_without_privileges(services, name):
    service = services[name]

    assert service["image"] == "duecast"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", ONCE)
def test_what_runs_once_is_not_restarted(services, name):
    assert services[name]["restart"] == "no"


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_restarted(services, name):
    assert services[name]["restart"] in {"unless-stopped", "on-failure"}


@pytest.mark.parametrize("name", ["web", "clock", "deliveries", "beat"])
def test_nothing_works_before_the_database_is_up_to_date(services, name):
    condition = services[name]["depends_on"]["migrate"]["condition"]

    assert condition == "service_completed_successfully"


@pytest.mark.parametrize("name", ["web", "postgres", "redis"])
def test_servers_have_health_checks(services, name):
    assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_postgresql_reads_the_password_that_was_made(services):
    password_file = services["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"]

    assert password_file in services["secrets"]["command"]
    assert "postgres-password:/postgres-password:ro" in services["postgres"]["volumes"]


def test_the_database_cannot_see_the_keys_of_the_tokens(services):
    assert not any(volume.startswith("data:") for volume in services["postgres"]["volumes"])


def test_redis_keeps_what_it_was_told(services):
    assert services["redis"]["command"][1:3] == ["--appendonly", "yes"]


def test_every_volume_used_is_named(compose):
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }

    assert used == set(compose["volumes"])


def test_every_setting_passed_on_exists(compose):
    assert set(compose["x-duecast"]["environment"]) <= set(setting_names())


def test_nothing_must_be_set_first():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    variables = re.findall(r"\$\{(\w+)(:-)?", text)

    assert variables
    assert [name for name, default in variables if not default] == []


@pytest.mark.parametrize("name", ["clock", "deliveries", "beat"])
def test_the_work_commands_exist(services, name):
    parser = Work().create_parser("manage.py", "work")

    assert parser.parse_args(services[name]["command"][3:]).name == name


def test_the_image_holds_what_it_runs():
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert {"manage.py", "accounts", "calendar_app", "publishing", "simulator", "tiktok"} <= set(
        kept
    )
    assert {"static", "templates", "uv.lock", "pyproject.toml"} <= set(kept)


def test_the_image_runs_as_somebody_without_rights():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert re.search(r"^USER duecast$", text, re.MULTILINE)


def test_the_simulator_fetches_photos_from_the_web_service(services):
    command = services["simulator"]["command"]

    assert command[command.index("--fetch-from") + 1] == "http://web:${PORT:-8000}"
