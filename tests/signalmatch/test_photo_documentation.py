"""The README's worked example of photos runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from tests.signalmatch.pictures import clouds

from signalmatch import errors
from signalmatch.media.pictures import FORMATS

SIGNALMATCH = Path(__file__).resolve().parents[2] / "signalmatch"


def test_the_worked_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = (SIGNALMATCH / "README.md").read_text("utf-8").split("## Photos", 1)[1]
    found = re.search(r"```python\n(.*?)```", part, re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    with Image.fromarray(clouds(480, 640)) as image:
        image.save("photo.jpg")
    names: dict[str, object] = {}
    exec(compile(found[1], "README.md", "exec"), names)
    signals, nothing = names["signals"], names["nothing"]
    assert (signals.width, signals.height, signals.format) == (640, 480, "JPEG")  # type: ignore[attr-defined]
    assert (nothing.pdq, nothing.why_no_pdq) == (None, "UndecodablePicture")  # type: ignore[attr-defined]


def test_the_readme_names_every_format_and_the_page_every_reason() -> None:
    readme = (SIGNALMATCH / "README.md").read_text("utf-8")
    assert all(name.lower() in readme.lower() for name in FORMATS)
    page = (SIGNALMATCH / "docs" / "photos.md").read_text("utf-8")
    reasons = [
        n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, errors.PictureError)
    ]
    missing = [name for name in reasons if name not in page]
    assert missing == ["PictureError", "DecodingFailed"], "the two bases are never given as a reason"
