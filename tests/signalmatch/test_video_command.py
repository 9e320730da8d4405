"""Videos on the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.signalmatch.command import run
from tests.signalmatch.videos import a_video

from signalmatch.signals.vpdq import VideoFrame, write_frames


def a_list(path: Path, *hashes: int) -> str:
    path.write_text(write_frames([VideoFrame(n, 100, h.to_bytes(32), n) for n, h in enumerate(hashes)]))
    return str(path)


def test_hash_gives_a_videos_digests_and_frames(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV is not installed here: it is the extra `video`")
    path = tmp_path / "clip.mp4"
    path.write_bytes(a_video(2))
    told = run(["hash", str(path), "--json"])
    (row,) = json.loads(told.stdout)
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(f["frame"], f["timestamp"], len(f["pdq"])) for f in row["frames"]] == [
        (0, 0.0, 64),
        (10, 1.0, 64),
    ]
    assert (row["video"]["codec"], row["problem"]) == ("h264", None)
    assert "2 frames" in run(["hash", str(path)]).stdout


def test_a_video_that_is_none_says_why_and_still_has_its_digests(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom and no more")
    (row,) = json.loads(run(["hash", str(path), "--json"]).stdout)
    assert row["why_no_pdq"] in ("UndecodableVideo", "VideoSupportMissing")
    assert row["md5"] == hashlib.md5(path.read_bytes()).hexdigest()


def test_compare_says_how_much_of_each_is_in_the_other(tmp_path: Path) -> None:
    query = a_list(tmp_path / "query.txt", 0, (1 << 256) - 1)
    known = a_list(tmp_path / "known.txt", 1)
    other = a_list(tmp_path / "other.txt", int("5a" * 32, 16))
    told = run(["compare", query, known, other, "--json"])
    assert told.exit_code == 0
    assert [(r["match"], r["compared_percent"], r["query_percent"]) for r in json.loads(told.stdout)] == [
        (True, 100.0, 50.0),
        (False, 0.0, 0.0),
    ]
    assert run(["compare", query, other]).exit_code == 1
    assert run(["compare", query, known, "--query-percent", "80"]).exit_code == 1


def test_compare_names_what_it_cannot_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_text("no list\n")
    told = run(["compare", str(broken), str(broken)])
    assert told.exit_code == 2
    assert "line 1" in told.output
    assert run(["compare", str(tmp_path / "absent"), str(broken)]).exit_code == 2
