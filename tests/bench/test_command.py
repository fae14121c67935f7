import pytest

from calendar_app.bench.__main__ import parse


def test_a_quick_runs_figures_are_not_written_down(tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse(["--quick", "--write", str(tmp_path)])

    assert "not worth writing down" in capsys.readouterr().err


def test_a_page_that_does_not_exist_is_refused_before_anything_is_measured(tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse(["--write", str(tmp_path / "none.md")])

    assert "there is no page" in capsys.readouterr().err


def test_figures_of_another_size_are_not_written_down(tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse(["--bytes", "12000000", "--write", str(tmp_path)])

    assert "not worth writing down" in capsys.readouterr().err


def test_a_file_too_small_for_its_pictures_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse(["--bytes", "1000"])

    assert "--bytes takes" in capsys.readouterr().err


def test_a_shorter_soak_is_not_written_down(tmp_path, capsys):
    with pytest.raises(SystemExit):
        parse(["--only", "soak", "--minutes", "3", "--write", str(tmp_path)])

    assert "not worth writing down" in capsys.readouterr().err


def test_a_soak_too_short_for_a_kill_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse(["--only", "soak", "--minutes", "0.1"])

    assert "--minutes takes 0.5 or more" in capsys.readouterr().err
