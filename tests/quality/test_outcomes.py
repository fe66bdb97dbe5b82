"""What becomes of real documents, good and hostile: one row a file, read by the real parser within its limits.

The files are other projects' and are not part of this one; KOSHA_TEST_DOCUMENTS names a folder with `good` and `bad`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.house.ocr import places_with_ocr, places_without_ocr

from kosha.adapters.local.parser_process import ParserProcess
from kosha.errors import Rejected, UnsupportedType
from kosha.ingestion.parse import accepts

FOLDER = Path(os.environ.get("KOSHA_TEST_DOCUMENTS") or Path(__file__).parents[3] / "shared" / "data" / "docs")
MISSING = "OCR) is not installed"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no documents here: KOSHA_TEST_DOCUMENTS names a folder with `good` and `bad`"
)


@dataclass(frozen=True)
class Row:
    """words: some of what a person sees in the file, in that order. warnings: a part of each, and of no others."""

    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ticket: str = ""
    error: str = ""


def read(*words: str, warnings: tuple[str, ...] = ()) -> Row:
    """Processed."""
    return Row(words, warnings)


def refused(reason: str) -> Row:
    """Not even uploaded."""
    return Row(ticket=reason)


def failed(reason: str) -> Row:
    """Ends in `error`."""
    return Row(error=reason)


PICTURES = "inside pictures"
PASSWORD = failed("protected by a password")
SCAN = failed(MISSING)
GUESSED = "does not say its character set"
HIDDEN = "Hidden text"
LEFT_OUT = "Menus, side notes and footers"
PAPER = ("LayoutParser: A Unified Toolkit", "Zejiang Shen", "large-scale digitization projects")
CELLS = ("Table with rich cells", "Column A: This is a list", "Regular text in second cell")
SHEETS = ("first: 1; second: 5; third: 9",)
SHEETS_WARNINGS = ("'Sheet4' is hidden", PICTURES)
SUMMER = ("Summer activities", "Swimming in the lake", "cute duckling", "Leaves")

GOOD = {
    "2023-half-year-analyses-by-segment.xlsx": read("Analyses by segment", "Zone NA; Sales (a): 12553", "Trading"),
    "DA-619p.pdf": read("Abomination", "If found, please return to Lady Yvette Montilyet"),
    "GeoTopo-komprimiert.pdf": read("Geometrie und Topologie", "Zwischenwertsatz", warnings=(PICTURES,)),
    "MEDRPT-2024-PAT-3847_medical_report_scan.pdf": SCAN,
    "SPARSE-2024-INV-1234_borderless_table.pdf": read(
        "INVENTORY RECONCILIATION", "Sarah Martinez", "SKU-2234", warnings=(PICTURES,)
    ),
    "UDHR_first_article_all.txt": read("人人生而自由", "All human beings are born free", "Bahlanganiswe"),
    "a1977-backus-p21.pdf": read("definition of new functional forms", "August 1978", warnings=("scanned",)),
    "all-number-table.pdf": read("200.01 1", "1600.01 15"),
    "book-war-and-peace-1225p.txt": read("Well, Prince, so Genoa", "dependence of which we are not conscious"),
    "csv-semicolon.csv": read("First Name: Sheryl; Last Name: Baxter", "https://goodwin-ingram.com/"),
    "csv-with-long-lines.csv": read("SpearmanCorrelationCoefficient", "6Prot XRCC4: -0.226758148"),
    "docx_comments.docx": read("has a comment attached", "sample reviewer comment", "Anonymous feedback"),
    "docx_rich_cells.docx": read(*CELLS, warnings=(PICTURES,)),
    "email-with-image.eml": read("email-with-image", "Mallori Harrell", "Data Scientist", warnings=(MISSING,)),
    "eng_spa_mult.rtf": read("All human beings are born free", "comportarse fraternalmente"),
    "example-10k-1p.html": read("SECURITIES EXCHANGE ACT OF 1934", "Controls and Procedures | 35"),
    "example-steelJIS-datasheet-utf-16.html": read("Japanese Steels and Alloys", "hardness of SNB22-3"),
    "fake-email-attachment.msg": read("Fake email with attachment", "Hey this is a fake attachment!"),
    "fake-html-cp1252.html": read("Die schöne Frau", "betaalde 4,25 €", warnings=(GUESSED,)),
    "fake-power-point.ppt": read("Adding a Bullet Slide", "Here is some text in a text box!"),
    "fake-text-utf-16-le.txt": read("Doylestown, PA 18901", "I love fuzzy blankets"),
    "footnotes.docx": read("Ouch.", "A tachyon walks into a bar.", "Fin."),
    "fr_olap.pdf": read("interrogations de logs de requêtes OLAP", "François Rabelais", warnings=(PICTURES,)),
    "habibi.pdf": read("habibi"),
    "handbook-872p.docx": read("Chapter 13", "Standing Trustees", "Table of Contents", warnings=(PICTURES,)),
    "hebrew-text-base64-iso88598i.txt": read("8uPr5e8gVGVzbGEg", warnings=("encoded data (base64)",)),
    "jpn-vert.jpeg": SCAN,
    "korean-text-with-tables.pdf": read("적립 제외 대상", "스타벅스", "기프트/선불카드", warnings=(HIDDEN,)),
    "layout-parser-paper-with-table.pdf": read("Current layout detection models", "PubLayNet"),
    "legacy_sample.doc": read(*SUMMER, warnings=(PICTURES,)),
    "loremipsum-flat.pdf": SCAN,
    "mime-word-encoded-subject.eml": read("Simple email with ☸☿ Unicode subject", "Unicode characters"),
    "msg_simple.msg": read("Alice Example", "Hello Bob"),
    "multi-column-2p.pdf": read("Dense Passage Retrieval", "Vladimir Karpukhin", "retrieves and generates"),
    "multicolumn.pdf": read("Two-Column Document", "Lorem ipsum dolor", "Helsinki"),
    "norwich-city.txt": read("Iwan Roberts", "Norwich City in 2004", "External links"),
    "ocr_test_rotated_90.pdf": SCAN,
    "odf_presentation_01.odp": refused("Save it as .pptx"),
    "odf_table_with_title_01.ods": refused("Save it as .xlsx"),
    "pdf-with-ocr-text.pdf": read("keep you posted on the progress", "mjgl0226", warnings=("scanned",)),
    "pone.0234687.nxml": refused("Save it as .xml"),
    "redp5110_sampled.pdf": read(
        "Row and Column Access Control", "Hernando Bedoya", warnings=("Page 17 is empty", PICTURES, HIDDEN)
    ),
    "reliance.pdf": read("For an inclusive ecosystem", "March 31, 2022", warnings=(PICTURES,)),
    "right_to_left_01.pdf": read("Python", "والمهني"),
    "sample.boxnote": refused("Save it as .docx"),
    "science-exploration-1p.pptx": read("Astrophysics Science Division", "Scorecard", warnings=(PICTURES,)),
    "simple.json": read("category_depth: 0", "DOYLESTOWN, PA 18901"),
    "stanley-cups-utf-16.csv": read("Team: Maple Leafs; Location: TOR; Stanley Cups: 13"),
    "test.pptx": read("AutoGen", "Qingyun Wu", "the caption is Human-written", warnings=(PICTURES,)),
    "test_mskanji.csv": read("名前: 佐藤太郎; 年齢: 30", "髙橋淳", warnings=(GUESSED,)),
    "test_rss.xml": read("The Official Microsoft Blog", "scale your team like never before"),
    "test_serp.html": read("Microsoft wikipedia - Search", "microsoft wikipedia history", warnings=(LEFT_OUT,)),
    "tests-example.xls": read("What is 2+2? | 4 | correct", "import_questions"),
    "text-box.docx": read("Datum plane"),
    "text_document_03.odt": read(*CELLS, warnings=(PICTURES,)),
    "umlauts-non-utf8.md": read("können", "äöüß", warnings=(GUESSED,)),
    "wiki.md": read("nicknamed Big Blue", "Selectric typewriter"),
    "wiki_duck.html": read("Duck - Wikipedia", "waterfowl", "Project Gutenberg", warnings=(LEFT_OUT, HIDDEN)),
    "winter-sports.epub": read("E. F. Benson", "subscribe to our email newsletter", warnings=(PICTURES,)),
    "word_sample.docx": read(*SUMMER, warnings=(PICTURES,)),
    "xlsx_01.xlsx": read(*SHEETS, warnings=SHEETS_WARNINGS),
}  # fmt: skip
BAD = {
    "2206.01062_pg3.pdf": PASSWORD,
    "copy-protected.pdf": read(*PAPER, warnings=("restricts copying",)),
    "csv-inconsistent-header.csv": read("a | b | c | d", warnings=("Rows 2 to 5 have another number of cells",)),
    "csv-too-many-columns.csv": read("a | b | c | d | e", warnings=("Row 3 has another number of cells",)),
    "email-no-utf8-2008-07-16.062410.eml": read("RE: שלום", "סלבה היקר", "15/07/2008"),
    "empty.eml": failed("contains no text"),
    "empty.txt": refused("is empty"),
    "empty.xlsx": failed("contains no text"),
    "example-with-scripts.html": read("Campaign Assessment, December 13", "Donetsk Battle Map", warnings=(LEFT_OUT,)),
    "failure-after-repair.pdf": read(
        "Understanding Breast Cancer", "oncologist* prescribes", "CAN729", warnings=(PICTURES, HIDDEN, HIDDEN)
    ),
    "fake-email-malformed-encoding.eml": read("This is a test email", "Roses are red", "Violets are blue"),
    "fake-encrypted.eml": read("Michael Elkins", warnings=("no text of its own", "The mail is encrypted")),
    "fake-encrypted.msg": read(
        "Michael Elkins", warnings=("no text of its own", "ATT00001.pgp-encrypted", "ATT00002.bin")
    ),
    "fake-incomplete-json.txt": read("johndoe@example.com", "cooking", warnings=("broken or cut off",)),
    "fake-power-point-malformed.pptx": read("Test Slide", "Problem Date Placeholder"),  # this is all it shows
    "fake-text-all-whitespace.txt": failed("contains no text"),
    "invalid-pdf-structure-pdfminer-one-page.pdf": read(
        "Establishing Leadership in Cybersecurity", "GAO-23-106826", warnings=(PICTURES,)
    ),
    "invisible_text_layer.pdf": read("Visible heading line", warnings=("Invisible OCR text layer",)),
    "layout-parser-paper-with-empty-pages.pdf": read(
        PAPER[0], "This page is intentionally left blank", PAPER[2], warnings=("Page 2 is empty",)
    ),
    "libreoffice-writer-password.pdf": PASSWORD,
    # Its outline names no page that fits; all its words are there.
    "mistitled_outlines_example.pdf": read("Contents", "text without a meaning", "length of words should match"),
    "pages_password_protected.pages": refused("Save it as .docx"),
    "password.pdf": PASSWORD,
    "password_protected.xlsx": PASSWORD,
    "pdf-bad-color-space.pdf": read("Net-zero", "Charting our path", "hardware supply chains", warnings=(PICTURES,)),
    "powerpoint_malformed_pictures.pptx": read("Missing BlipFill", "Wrong Content Type", warnings=(PICTURES,)),
    "random.bin": refused("are not read by this version"),
    "xlsx_04_inflated.xlsx": read(*SHEETS, warnings=SHEETS_WARNINGS),
}  # fmt: skip
ROWS = {f"good/{name}": row for name, row in GOOD.items()} | {f"bad/{name}": row for name, row in BAD.items()}

# What text recognition changes.
RECOGNISED = {
    "good/MEDRPT-2024-PAT-3847_medical_report_scan.pdf": read(
        "SEATTLE GENERAL HOSPITAL", "Blood Pressure 142/88 mmHg", "Triglycerides 165 mg/dL", "Page 3 of 3"
    ),
    "good/email-with-image.eml": read("email-with-image", warnings=("No text could be recognised",)),  # a logo
    "good/jpn-vert.jpeg": read("元来日本語は漢文に倣い文字を上から下へまた行を右から左へ"),
    "good/loremipsum-flat.pdf": read("Lorem ipsum dolor sit amet, consectetur adipiscing elit", "Sed posuere"),
    "good/ocr_test_rotated_90.pdf": read("Docling bundles PDF document conversion to JSON and Markdown"),
}


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    with ParserProcess(places=places_without_ocr()) as parser:
        yield parser


@pytest.fixture(scope="module")
def recognising_parser() -> Iterator[ParserProcess]:
    with ParserProcess(places=places_with_ocr()) as parser:
        yield parser


def outcome(path: Path, parser: ParserProcess, row: Row) -> Row:
    """What became of a file; of its words and warnings those that the row names, and every warning that it does not."""
    try:
        accepts(path.name, path.stat().st_size)
    except (UnsupportedType, Rejected) as error:
        return refused(row.ticket if row.ticket and row.ticket in str(error) else str(error))
    try:
        found = parser.parse(path, path.name, cancelled=lambda: False)
    except Rejected as error:
        return failed(row.error if row.error and row.error in str(error) else str(error))
    text = "\n".join(section.text for section in found.sections)
    words: list[str] = []
    place = 0
    for word in row.words:
        at = text.find(word, place)
        if at >= 0:
            words.append(word)
            place = at
    return read(*words, warnings=tuple(_named(warning, row) for warning in found.warnings))


def _named(warning: str, row: Row) -> str:
    return next((part for part in row.warnings if part in warning), warning)


def test_every_file_has_its_row() -> None:
    assert set(ROWS) == {f"{path.parent.name}/{path.name}" for path in FOLDER.glob("*/*")}


@pytest.mark.parametrize("name", ROWS)
def test_each_file_ends_as_the_table_says(name: str, parser: ParserProcess) -> None:
    row = ROWS[name]
    found = outcome(FOLDER / name, parser, row)
    assert (found.words, sorted(found.warnings), found.ticket, found.error) == (
        row.words, sorted(row.warnings), row.ticket, row.error,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", RECOGNISED)
def test_with_text_recognition_scans_are_read(name: str, recognising_parser: ParserProcess) -> None:
    assert outcome(FOLDER / name, recognising_parser, RECOGNISED[name]) == RECOGNISED[name]
