"""A new file's first moments: whoever opens it waits for whoever was first."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from django.db import connections

from amaan.store.sqlite.base import DatabaseWrapper, Turnstile


def test_a_new_file_that_another_process_prepares_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "door.sqlite3"
    first, turn, found = sqlite3.connect(path), Turnstile(str(path)), []
    turn.enter()
    first.execute("BEGIN IMMEDIATE")
    settings = {**connections["default"].settings_dict, "ENGINE": "amaan.store.sqlite", "NAME": str(path)}

    def open_it() -> None:
        wrapper = DatabaseWrapper({**settings, "OPTIONS": {}}, "second")
        try:
            opened = wrapper.get_new_connection(wrapper.get_connection_params())
            found.append(opened.execute("PRAGMA journal_mode").fetchone()[0])
            opened.close()
        except Exception as fault:  # noqa: BLE001 - told by the assertion below
            found.append(str(fault))

    second = threading.Thread(target=open_it)
    second.start()
    second.join(0.5)
    first.execute("CREATE TABLE something (number)")
    first.commit()
    first.close()
    turn.close()
    second.join()
    assert found == ["wal"]
