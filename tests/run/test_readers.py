import pytest
from django.core.exceptions import ImproperlyConfigured

from calendar_app.readers import (
    read_bool,
    read_choice,
    read_int,
    read_seconds,
    read_secret,
    read_text,
)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    monkeypatch.delenv("NAME", raising=False)
    monkeypatch.delenv("NAME_FILE", raising=False)


def test_text_is_stripped(monkeypatch):
    monkeypatch.setenv("NAME", "  value ")

    assert read_text("NAME") == "value"


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON"])
def test_words_for_true(monkeypatch, word):
    monkeypatch.setenv("NAME", word)

    assert read_bool("NAME", False) is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_words_for_false(monkeypatch, word):
    monkeypatch.setenv("NAME", word)

    assert read_bool("NAME", True) is False


def test_another_word_is_not_a_truth_value(monkeypatch):
    monkeypatch.setenv("NAME", "maybe")

    with pytest.raises(ImproperlyConfigured, match="NAME must be true or false, not 'maybe'"):
        read_bool("NAME", False)


@pytest.mark.parametrize("value", ["0", "65536", "many", "1.5"])
def test_a_number_outside_its_limits_is_refused(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number from 1 to 65535"):
        read_int("NAME", 8000, 1, 65535)


@pytest.mark.parametrize("value", ["1", "65535"])
def test_a_number_on_its_limit_is_taken(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    assert read_int("NAME", 8000, 1, 65535) == int(value)


def test_an_empty_number_is_the_default(monkeypatch):
    monkeypatch.setenv("NAME", "")

    assert read_int("NAME", 8000) == 8000


def test_seconds_may_have_a_fraction(monkeypatch):
    monkeypatch.setenv("NAME", "0.25")

    assert read_seconds("NAME", 2) == 0.25


@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf"])
def test_no_length_of_time_is_refused(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match="NAME must be a number of seconds"):
        read_seconds("NAME", 2)


def test_a_choice_outside_the_list_is_refused(monkeypatch):
    monkeypatch.setenv("NAME", "xml")

    with pytest.raises(ImproperlyConfigured, match="NAME must be one of json, text, not 'xml'"):
        read_choice("NAME", "text", {"text", "json"})


def test_a_secret_in_the_environment_wins(monkeypatch, tmp_path):
    (tmp_path / "name").write_text("from the folder")
    monkeypatch.setenv("NAME", "from the environment")

    assert read_secret("NAME", tmp_path) == "from the environment"


def test_a_named_file_wins_over_the_kept_one(monkeypatch, tmp_path):
    (tmp_path / "name").write_text("kept")
    (tmp_path / "mounted").write_text("mounted\n")
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "mounted"))

    assert read_secret("NAME", tmp_path) == "mounted"


def test_a_missing_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(ImproperlyConfigured, match=r"NAME_FILE: cannot read .*nowhere"):
        read_secret("NAME")


def test_an_empty_secret_is_refused(tmp_path):
    (tmp_path / "name").write_text("\n")

    with pytest.raises(ImproperlyConfigured, match="name is empty"):
        read_secret("NAME", tmp_path)


def test_a_secret_that_is_nowhere_stops_the_start(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="NAME is not set"):
        read_secret("NAME", tmp_path)
