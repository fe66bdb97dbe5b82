"""XML of any kind."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of


def test_records_are_lines_with_the_names_of_their_elements(tmp_path: Path) -> None:
    ada = '<person id="7"><name>Ada</name><age unit="years">36</age></person>'
    page = f"<staff>{ada}<person><name>Bob</name><age>40</age></person></staff>"
    found = parsed(tmp_path, "a.xml", page)
    assert text_of(found) == "id: 7; name: Ada; age: 36 (unit: years)\nname: Bob; age: 40"
    assert {(section.heading, section.kind) for section in found.sections} == {("staff > person", "table")}


def test_running_text_is_paragraphs_under_titles(tmp_path: Path) -> None:
    page = (
        "<book><chapter><title>Leave</title><para>You have <emphasis>25</emphasis> days.</para>"
        "<section><title>Parents</title><para>90 days <b>more</b> than <i>that</i>.</para></section></chapter></book>"
    )
    found = parsed(tmp_path, "a.xml", page)
    assert "You have 25 days." in text_of(found)
    assert [s.heading for s in found.sections if "90 days more than that." in s.text] == ["book > Leave > Parents"]


def test_entities_are_never_filled_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret words")
    page = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y "lol">]><a><b>seen &x; &y;</b><c>more</c></a>'
    found = parsed(tmp_path, "a.xml", page)
    assert "secret words" not in text_of(found)
    assert "lol" not in text_of(found)
    assert any("entities" in warning for warning in found.warnings)


def test_an_entity_bomb_is_harmless(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<!DOCTYPE a [<!ENTITY l0 "lol">{laughs}]><a><b>words</b><c>&l11;</c></a>'
    assert "amplification" in refusal(tmp_path, "a.xml", page)


def test_a_declared_character_set_is_believed(tmp_path: Path) -> None:
    page = '<?xml version="1.0" encoding="iso-8859-2"?><a><b>Łódź</b><c>Kraków</c></a>'.encode("iso-8859-2")
    assert "Łódź" in text_of(parsed(tmp_path, "a.xml", page))


def test_what_is_not_well_formed_is_refused_with_the_place(tmp_path: Path) -> None:
    assert "line 1" in refusal(tmp_path, "a.xml", "<a><b>words</a>")


def test_depth_without_end_is_refused(tmp_path: Path) -> None:
    assert "well-formed" in refusal(tmp_path, "a.xml", "<a>" * 100_000 + "words")
