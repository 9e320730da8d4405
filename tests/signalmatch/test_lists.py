"""Plain hash lists: what is read, and what is only counted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signalmatch.command import run

from signalmatch.errors import UnreadableHashList
from signalmatch.lists import DIGITS, parse_hash_list, read_hash_list
from signalmatch.signals.photo import photo_signals

PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


def test_lines_of_every_shape() -> None:
    found = parse_hash_list(
        "a.txt",
        [
            "# a comment\n",
            "\n",
            f"pdq {PDQ.upper()}\n",
            PDQ,
            f"pdq:{PDQ}",
            f"pdq\t{PDQ} something after it",
            f"MD5 {'ab' * 16}",
            f"sha-1,{'ab' * 20}",
            "ab" * 20,
            f"sha256 {'cd' * 32}",
            "nonsense",
            f"pdq {PDQ[:-1]}",
            f"pdq {PDQ[:-1]}x",
            f"phash {PDQ}",
        ],
    )
    assert found.pdq_lines.tolist() == [3, 4, 5, 6]
    assert {row.astype(">u8").tobytes().hex() for row in found.pdq} == {PDQ}
    assert found.exact == {"md5": {"ab" * 16: 7}, "sha1": {"ab" * 20: 8}, "sha256": {"cd" * 32: 10}}
    assert found.invalid_count == 4
    assert [(one.line, one.why) for one in found.invalid] == [
        (11, "neither a kind and a hash, nor a bare hash"),
        (12, "pdq: 63 hexadecimal digits where 64 are needed"),
        (13, "pdq: not hexadecimal"),
        (14, "no known kind of hash: 'phash'"),
    ]
    assert len(found) == 7


@pytest.mark.parametrize(
    ("text", "pdq", "sha256", "invalid"),
    [
        (f"id,PDQ,note\n1,{PDQ},x\n2,,none\n3,zz,bad\n", [2], {}, [3, 4]),
        (f'"name";"hash"\n"a;b";"{PDQ}"\n', [2], {}, []),
        (f"hash\ttype\n{PDQ}\tpdq\n{'ef' * 32}\tsha-256\n", [2], {"ef" * 32: 3}, []),
        (f"hash\n{PDQ}\n", [2], {}, []),
        (f"pdq,sha256\n{PDQ},{'ef' * 32}\n", [2], {"ef" * 32: 2}, []),
        (f"pdq,{PDQ}\n", [1], {}, []),
    ],
)
def test_csv_with_any_sensible_header(
    text: str, pdq: list[int], sha256: dict[str, int], invalid: list[int]
) -> None:
    found = parse_hash_list("a.csv", text.splitlines())
    assert found.pdq_lines.tolist() == pdq
    assert found.exact["sha256"] == sha256
    assert [one.line for one in found.invalid] == invalid


@given(
    st.lists(st.tuples(st.sampled_from(sorted(DIGITS)), st.integers(0, 2**32), st.booleans()), max_size=30)
)
@settings(max_examples=30)
def test_what_was_written_is_read(entries: list[tuple[str, int, bool]]) -> None:
    wanted = [(kind, random.Random(seed).randbytes(DIGITS[kind] // 2).hex()) for kind, seed, _ in entries]
    lines = [
        f"{kind} {value}" if named or kind == "sha256" else value
        for (kind, value), (_, _, named) in zip(wanted, entries, strict=True)
    ]
    found = parse_hash_list("a", lines)
    assert found.invalid_count == 0
    assert [row.astype(">u8").tobytes().hex() for row in found.pdq] == [v for k, v in wanted if k == "pdq"]
    for kind in ("md5", "sha1", "sha256"):
        assert set(found.exact[kind]) == {v for k, v in wanted if k == kind}


@given(st.lists(st.text(max_size=80), max_size=20))
@settings(max_examples=30)
def test_nothing_written_stops_it(lines: list[str]) -> None:
    found = parse_hash_list("a", lines)
    assert found.invalid_count >= len(found.invalid)


def test_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableHashList):
        read_hash_list(path)


def _picture(path: Path, seed: int) -> bytes:
    from PIL import Image

    small = Image.frombytes("L", (16, 16), random.Random(seed).randbytes(256))
    small.resize((160, 160), Image.Resampling.BICUBIC).save(path)
    return path.read_bytes()


def test_the_command_tells_what_matched_and_how(tmp_path: Path) -> None:
    same, near, other = (tmp_path / name for name in ("same.png", "near.png", "other.png"))
    data = _picture(same, 1)
    signals = photo_signals(_picture(near, 2))
    _picture(other, 3)
    (tmp_path / "no.txt").write_text("no picture")
    assert signals.pdq is not None
    turned = bytearray(signals.pdq)
    turned[0] ^= 0b111
    known = tmp_path / "list.txt"
    known.write_text(f"sha256 {photo_signals(data).sha256}\npdq {turned.hex()}\nwrong\n")
    files = [str(path) for path in (same, near, other, tmp_path / "no.txt")]
    done = run(["match", "--list", str(known), *files, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["lists"][0]["invalid"] == [{"line": 3, "why": "neither a kind and a hash, nor a bare hash"}]
    assert [[(m["line"], m["kind"], m["distance"]) for m in row["matches"]] for row in told["files"]] == [
        [(1, "sha256", 0)],
        [(2, "pdq", 3)],
        [],
        [],
    ]
    assert "no PDQ hash" in told["files"][3]["not_compared"]
    strict = run(["match", "--list", str(known), str(near), "--radius", "2"])
    assert "no match" in strict.output
    missing = run(["match", "--list", str(known), str(tmp_path / "gone.png")])
    assert missing.exit_code == 1
    assert run(["match", "--list", str(tmp_path / "gone"), str(near)]).exit_code == 2
