import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_app.sheets import (
    FORMULA_STARTS,
    MAX_ROWS,
    SheetRefused,
    lines_of,
    plain_cell,
    read_sheet,
    safe_cell,
)

FILE = "account;due;caption\nada;2030-11-26 18:30;Grüße aus Köln\n"


def cells(content):
    return [row for _, row in read_sheet(content).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(encoding, delimiter):
    content = FILE.replace(";", delimiter).encode(encoding)

    [row] = cells(content)

    assert (row["account"], row["due"], row["caption"]) == (
        "ada",
        "2030-11-26 18:30",
        "Grüße aus Köln",
    )
    assert row["media"] == ""


def test_quoted_cells_keep_their_line_breaks_and_lines_their_numbers():
    content = b'account,caption\r\nada,"one\r\ntwo, three"\r\n,\r\neve,four\r\n'

    rows = read_sheet(content).rows

    assert [(line, row["account"]) for line, row in rows] == [(2, "ada"), (5, "eve")]
    assert rows[0][1]["caption"] == "one\r\ntwo, three"


def test_other_columns_are_named_as_ignored():
    sheet = read_sheet(b"account,privacy_level,caption\nada,SELF_ONLY,Hello\n")

    assert sheet.ignored == ["privacy_level"]
    assert "privacy_level" not in sheet.rows[0][1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "account"),
        (b"name,caption\nada,x\n", "account"),
        (b"account,account\nada,x\n", "twice"),
        (b"account,caption\n", "no line below"),
        (b"account,caption\n,\n", "no line below"),
        (b'account,caption\nada,"open', "no CSV"),
        ("account\nada\n".encode("utf-16"), "no text"),
        (b"account\n" + b"ada\n" * (MAX_ROWS + 1), "Divide it"),
        (b"account\n\x81\x8d\n", "no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, words):
    with pytest.raises(SheetRefused, match=words):
        read_sheet(content)


@given(st.text())
def test_no_cell_is_a_formula_and_each_reads_back(text):
    cell = safe_cell(text)

    assert not cell.startswith(FORMULA_STARTS)
    assert plain_cell(cell) == text


def test_what_is_written_is_read_back():
    rows = [("account", "caption"), ("ada", "=HYPERLINK(1)"), ("eve", 'two\nlines, "quoted"')]

    content = "".join(lines_of(rows)).encode()

    assert content.startswith(b"\xef\xbb\xbf")
    assert b",'=HYPERLINK" in content
    assert [row["caption"] for row in cells(content)] == ["=HYPERLINK(1)", 'two\nlines, "quoted"']
