import sys

from amaan.cli import main

if __name__ == "__main__":
    sys.exit(main())
