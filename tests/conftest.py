"""What tests of more than one room need."""

import gc
import importlib.util
import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests.support import node_packages  # noqa: F401  it reads its variable before that is gone

# no example is refused for what a busy machine took, and CI tries the same ones each time
settings.register_profile(
    "reviewcast",
    deadline=None,
    database=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reviewcast")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is collected out of the garbage collector, which would look through it all along.

    Thousands of tests and the modules that they import live until the end: to look for garbage
    among them is a fifteenth of the suite's time.
    """
    gc.disable()
    try:
        result = yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Look for garbage between tests only.

    In a test that nests its input as deep as the interpreter goes, what is thrown away of others
    could not be closed any more.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def no_settings_of_the_developer() -> Iterator[None]:
    """Take away the variables that the program would read as settings of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in [name for name in os.environ if name.startswith("REVIEWCAST_")]:
            patch.delenv(variable)
        yield


def require_tool(program: str) -> str:
    """Return the path of an outside program; without it skip the test, or fail it under CI."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def require_packages(*names: str) -> None:
    """Skip a file of tests without packages that it needs, or fail it under CI."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            reason = f"the package {name} is not installed"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason, allow_module_level=True)
