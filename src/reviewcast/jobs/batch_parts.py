"""What a batch asks, explains and keeps beside its episodes."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from reviewcast.jobs.episode_task import EpisodeTask, NotRendered, Rendering
from reviewcast.jobs.planning import Failure
from reviewcast.jobs.shows import find_show_of, load_config
from reviewcast.jobs.task_runner import Outcome
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.protocols import describe_voice
from reviewcast.speech.casting import make_voice
from reviewcast.system.files import escape
from reviewcast.system.workspace import save_companions
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import is_round_up

_FULL = {errno.ENOSPC, errno.EDQUOT}


class Gate:
    """Whether more than one review may be begun: not before a voice has answered the first."""

    def __init__(self, *, is_open: bool) -> None:
        self.is_open = is_open


def may_ask(task: EpisodeTask, name: str) -> bool:
    """True if a voice is asked whether it answers, which is done once for all reviews."""
    with suppress(ReviewcastError):  # told when it is built
        config = load_config(task.show or find_show_of(name), voice=task.voice)
        return config.voice.may_pass and any(
            describe_voice(make_voice(config, one)).online for one in config.voice.use[:-1]
        )
    return False


def explain_lack(outcome: Outcome[EpisodeTask, Rendering | NotRendered]) -> Failure:
    """Return why a review has no result: its processes ended, or its job has a bug."""
    error, name = outcome.error, escape(outcome.task.name)
    if outcome.is_quarantined:
        return Failure(
            name,
            f"The process that built it ended {outcome.deaths} times.",
            "Build it alone, or see whether the memory suffices: --jobs 1",
            ReviewcastError.exit_code,
        )
    if error is None or not isinstance(error, Exception) or getattr(error, "errno", 0) in _FULL:
        raise error or AssertionError("there is a result or an error")
    message = f"This is a bug in reviewcast: {type(error).__name__}: {error}"
    return Failure(name, message, "Please report it.", ReviewcastError.exit_code)


def keep_round_up(source: ReviewSource, path: Path) -> None:
    """Write what a round-up is made of beside its MP3, when that is its place."""
    file = Path(os.path.abspath(source.name))
    if is_round_up(source.name) and file == path.with_name(file.name):
        save_companions(file, {file.suffix: source.data})
