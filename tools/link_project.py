"""Make this checkout importable from .venv and put the `amaan` command there, without fetching a build backend."""

from __future__ import annotations

import stat
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The import stands inside the guard: a spawned reading process runs this file again under another name.
LAUNCHER = """#!{python}
import sys

if __name__ == "__main__":
    from amaan.cli import main

    sys.exit(main())
"""


def main() -> None:
    (Path(sysconfig.get_paths()["purelib"]) / "amaan.pth").write_text(f"{ROOT / 'src'}\n")
    command = Path(sys.executable).parent / "amaan"
    command.write_text(LAUNCHER.format(python=sys.executable))
    command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    main()
