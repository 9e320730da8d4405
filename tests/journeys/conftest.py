from collections.abc import Iterator

import pytest
from tests.browser import chromium, demo_server
from tests.journeys.doors import Door, serving
from tests.journeys.installation import Installation

__all__ = ["chromium", "demo_server"]


@pytest.fixture(scope="session", params=[False, True], ids=["beside the desk", "alone"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The public's door in processes of its own. Who breaks something mends it again: all tests share it."""
    folder = tmp_path_factory.mktemp("alone" if request.param else "beside")
    with serving(folder, Installation.prepared(folder / "desk"), alone=request.param) as running:
        yield running
