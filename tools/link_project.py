"""Make this checkout importable from .venv and put its commands there, without fetching a build backend."""

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
    from {package}.cli import main

    sys.exit(main())
"""

DISTRIBUTIONS = {"amaan": ROOT / "src", "signalmatch": ROOT / "signalmatch" / "src"}


def main() -> None:
    folder = Path(sysconfig.get_paths()["purelib"])
    for package, source in DISTRIBUTIONS.items():
        (folder / f"{package}.pth").write_text(f"{source}\n")
        command = Path(sys.executable).parent / package
        command.write_text(LAUNCHER.format(python=sys.executable, package=package))
        command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    main()
