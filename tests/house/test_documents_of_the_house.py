"""The pages that are made from the code say what the code says, and the repository carries nothing it should not."""

import re
import subprocess
from pathlib import Path

from kosha.wiring.settings import table

ROOT = Path(__file__).parents[2]
REGISTRIES = re.compile("|".join(["pypi" + r"\.org", "python" + r"hosted\.org", r"registry\.npm" + r"js\.org"]))


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows."""
    told = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in told.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_table_of_settings_is_made_from_the_settings() -> None:
    assert (ROOT / "docs/settings.md").read_text(encoding="utf-8") == table()


def test_every_module_opens_with_one_line_that_says_what_it_is_for() -> None:
    mute = [
        str(path.relative_to(ROOT))
        for path in tracked("layers/*.py", "local/*.py", "bench/*.py", "tests/*.py")
        if not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert mute == []


def test_no_lock_file_carries_the_address_of_a_registry() -> None:
    locks = tracked("requirements*.txt", "*package-lock.json", "pyproject.toml")
    assert locks
    assert [path.name for path in locks if REGISTRIES.search(path.read_text(encoding="utf-8"))] == []


def test_links_between_the_pages_lead_somewhere() -> None:
    broken: list[str] = []
    for page in tracked("*.md"):
        targets = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        broken += [f"{page.relative_to(ROOT)} -> {one}" for one in targets if not (page.parent / one).exists()]
    assert broken == []
