"""Markdown."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, text_of

GUIDE = """# Handbook

Intro that is
broken over lines.

## Leave ##

You have **25 days** of [leave](https://example.com/leave).

- one
- two
  goes on

Parents
-------

| Who | Days |
|-----|-----:|
| Mother | 90 |
| Father | 30 |

```python
# not a heading
x = 1
```

# Travel
By train.
"""


def test_sections_stand_under_the_path_of_their_headings(tmp_path: Path) -> None:
    headings = [section.heading for section in parsed(tmp_path, "a.md", GUIDE).sections]
    assert list(dict.fromkeys(headings)) == ["Handbook", "Handbook > Leave", "Handbook > Parents", "Travel"]


def test_a_heading_opens_its_section_and_paragraphs_are_one_line(tmp_path: Path) -> None:
    first = next(iter(parsed(tmp_path, "a.md", GUIDE).sections))
    assert first.text == "Handbook\n\nIntro that is broken over lines."


def test_a_row_of_a_table_carries_its_column_names(tmp_path: Path) -> None:
    [table] = [section for section in parsed(tmp_path, "a.md", GUIDE).sections if section.kind == "table"]
    assert table.text == "Who: Mother; Days: 90\nWho: Father; Days: 30"


def test_code_is_kept_as_it_stands_and_its_comments_are_no_headings(tmp_path: Path) -> None:
    [code] = [section for section in parsed(tmp_path, "a.md", GUIDE).sections if section.kind == "code"]
    assert code.text == "# not a heading\nx = 1"


def test_items_of_a_list_are_lines_of_their_own(tmp_path: Path) -> None:
    assert "\n- one\n- two goes on" in text_of(parsed(tmp_path, "a.md", GUIDE))


def test_comments_and_tags_are_left_out_and_front_matter_is_read(tmp_path: Path) -> None:
    text = text_of(parsed(tmp_path, "a.md", "---\ntitle: My page\n---\nHello <!-- secret --><b>world</b>\n\n> a > b\n"))
    assert "\na > b" in text
    assert "title: My page" in text
    assert "Hello world" in text
    assert "secret" not in text


def test_a_long_table_keeps_its_column_names_to_the_end(tmp_path: Path) -> None:
    rows = "\n".join(f"| {i} | name {i} |" for i in range(5000))
    found = parsed(tmp_path, "a.md", f"| Id | Name |\n|--|--|\n{rows}\n")
    assert len(found.sections) > 1
    assert text_of(found).endswith("Id: 4999; Name: name 4999")


def test_a_code_block_that_is_never_closed_is_told(tmp_path: Path) -> None:
    assert "never closed" in parsed(tmp_path, "a.md", "words\n```\ncode").warnings[0]


def test_many_openings_of_comments_do_not_take_their_square(tmp_path: Path) -> None:
    assert "end" in text_of(parsed(tmp_path, "a.md", "<!-- " * 200_000 + " end"))
