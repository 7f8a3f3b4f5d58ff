"""Who says what of an episode: a script for each voice that may speak it, in their order."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import UsageError
from reviewcast.model.events import Notify, ignore_events
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Change, Review, Role, Script, Segment
from reviewcast.settings.schema import SPOILER_TITLE, CastSettings, Config
from reviewcast.speech.casting import Cast, find_cloned, make_cast, make_voice
from reviewcast.speech.disclosure import DEFAULT, write_disclosed
from reviewcast.speech.order import find_unsaid, list_passed, order_voices
from reviewcast.text.disclosures import get_disclosure
from reviewcast.text.draft import Draft, list_segment_voices, read_draft, tell_unfit
from reviewcast.text.edits import apply_edits
from reviewcast.text.pieces import Manner
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import join_scripts
from reviewcast.text.segments import link_opening, take_part
from reviewcast.text.split import fit_script, split_review
from reviewcast.text.spoken import say


class Narration(Struct, frozen=True, kw_only=True):
    """Who says what: a script, and the voices that it was written for.

    `remarks` are what the user is told of the choice. Of a part of an episode `whole` is the
    script that it was taken out of.
    """

    cast: Cast
    script: Script
    remarks: tuple[str, ...] = ()
    whole: Script | None = None

    @property
    def goes_on(self) -> bool:
        """True if the whole has segments behind this part."""
        return self.whole is not None and self.script.segments[-1] != self.whole.segments[-1]

    def list_parts(self) -> list[tuple[Voice, Script]]:
        """Return what each voice says, the episode's own first; recordings are left out."""
        parts: list[tuple[Voice, list[Segment]]] = [(self.cast.voice, [])]
        for segment in self.script.segments:
            if segment.recording:
                continue
            voice = self.cast.find_voice(segment)
            own = next((segments for known, segments in parts if known == voice), None)
            if own is None:
                parts.append((voice, [segment]))
            else:
                own.append(segment)
        return [
            (voice, replace(self.script, segments=tuple(segments)))
            for voice, segments in parts
            if segments
        ]

    def select(self, indexes: Collection[int]) -> "Narration":
        """Return the part with the segments of these indexes.

        Raise UsageError for one that there is not.
        """
        last = len(self.script.segments) - 1
        for index in indexes:
            if not 0 <= index <= last:
                raise UsageError(
                    f"There is no segment {index + 1}.", hint=f"There are 1 to {last + 1}."
                )
        part = take_part(self.script, sorted(set(indexes)))
        return replace(self, script=part, whole=self.script)


class Writer(Struct, frozen=True):
    """Writes the scripts of one review, whose language is known.

    `write` takes the settings, the episode's voice and those of roles; `write_alone` does so
    without the voices that edits give to single segments. `folder` is where the paths of
    recordings begin, `recorded` are the texts that one stands for.
    """

    language: str
    folder: Path
    recorded: frozenset[str]
    write: Callable[[Config, Voice, Mapping[Role, Voice]], Script]
    write_alone: Callable[[Config, Voice, Mapping[Role, Voice]], Script]


def open_writer(draft: Draft) -> Writer:
    """Return the writer of a review that was read."""
    return Writer(
        draft.review.language,
        draft.file.parent,
        list_recorded(draft),
        partial(script_draft, draft),
        partial(script_draft_alone, draft),
    )


def list_recorded(draft: Draft) -> frozenset[str]:
    """Return the texts of a review that a recording stands for."""
    return frozenset(edit.text for edit in draft.edits if edit.recording)


def plan_narrations(
    draft: Draft | Writer, config: Config, *, alone: bool = False
) -> Iterator[Narration]:
    """Yield the narrations that may be tried, in their order; no request is sent.

    Roles keep their voices unless one of those has not answered; with `alone` each narration
    after the first, or a single one, has one voice for all that is not recorded.
    """
    writer = open_writer(draft) if isinstance(draft, Draft) else draft

    def write(name: str) -> Narration:
        if not alone or (name == config.voice.use[0] and len(config.voice.use) > 1):
            narration = write_narration(writer, config, name)
            passed = list_passed(config.voice, name)
            if not passed & {describe_voice(voice).name for voice, _ in narration.list_parts()}:
                return narration
        # one voice says all that is not recorded
        return _cast(writer, writer.write_alone, replace(config, cast=CastSettings()), name)

    return plan_each(config, writer.language, write)


def plan_each(
    config: Config, language: str, write: Callable[[str], Narration]
) -> Iterator[Narration]:
    """Yield what `write` makes for each voice that has all it needs, in the order of their turns.

    Why one before it was passed over is among a narration's remarks.
    """
    *better, last = order_voices(config, language)
    remarks: list[str] = []
    for candidate in better:
        reason = candidate.lack
        if not reason:
            narration = write(candidate.name)
            unsaid = (find_unsaid(part, voice) for voice, part in narration.list_parts())
            word = next(filter(None, unsaid), "")
            if not word:
                remarks += filter(None, [candidate.remark])
                yield replace(narration, remarks=tuple(remarks))
                remarks = []
                continue
            reason = (
                f"The voice {candidate.name} has no sound for {word!r}; it speaks the episode when"
                " the lexicon says how that sounds."
            )
        remarks.append(reason)
    remarks += filter(None, [last.remark])
    yield replace(write(last.name), remarks=tuple(remarks))


def write_narration(draft: Draft | Writer, config: Config, name: str) -> Narration:
    """Write the script for a voice, and cast it with those of roles and single segments.

    Raise ConfigError for a voice or option that there is not.
    """
    writer = open_writer(draft) if isinstance(draft, Draft) else draft
    return _cast(writer, writer.write, config, name)


def _cast(
    writer: Writer,
    write: Callable[[Config, Voice, Mapping[Role, Voice]], Script],
    config: Config,
    name: str,
) -> Narration:
    cast = make_cast(config, name, writer.folder)

    def script(disclosure: str) -> tuple[Cast, Script]:
        settings = replace(config, show=replace(config.show, disclosure=disclosure))
        script = write(settings, cast.voice, cast.roles)
        names = sorted(list_segment_voices(script))
        whole = replace(cast, others={other: make_voice(config, other) for other in names})
        return replace(whole, cloned=find_cloned(config, whole)), script

    whole, written = write_disclosed(
        config.show.disclosure, script, language=writer.language, recorded=writer.recorded
    )
    return Narration(cast=whole, script=written)


def script_draft_alone(
    draft: Draft, config: Config, voice: Voice, roles: Mapping[Role, Voice]
) -> Script:
    """Write the script of a review without the voices that edits give to single segments."""
    return script_draft(_drop_voices(draft), config, voice, roles)


def _drop_voices(draft: Draft) -> Draft:
    edits = tuple(replace(edit, voice=None) for edit in draft.edits)
    return replace(draft, edits=edits, parts=tuple(map(_drop_voices, draft.parts)))


def write_script(
    source: ReviewSource, config: Config, *, notify: Notify = ignore_events
) -> tuple[Review, Narration]:
    """Read a review and write the script that a build with the same settings would speak.

    It is written for the first voice whose availability need not be checked.
    """
    draft = read_draft(source, config, notify=notify)
    narrations = plan_narrations(draft, config)
    narration = next(one for one in narrations if not is_asked(one, config))
    tell_unfit(draft, narration.script, notify)
    return draft.review, narration


def is_asked(narration: Narration, config: Config) -> bool:
    """True if its voice only speaks when it answers, as others stand behind it."""
    info, choice = describe_voice(narration.cast.voice), config.voice
    return info.online and choice.may_pass and info.name != choice.use[-1]


def script_draft(draft: Draft, config: Config, voice: Voice, roles: Mapping[Role, Voice]) -> Script:
    """Write the script of a review for its voices: within their limits, in forms they read well.

    What the settings have as the disclosure is its last line. `roles` are said by voices of their
    own. The writer's edits are applied; those that fit no segment are left alone.
    """
    if draft.parts:
        return _script_round_up(draft, config, voice, roles)
    review = draft.review
    titles = {review.title, review.subject, re.sub(r" \(\d{4}\)$", "", review.subject)}

    def suit(voice: Voice) -> Manner:
        info = describe_voice(voice)

        def speak(text: str, emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
            spoken = say(
                text,
                language=review.language,
                titles=sorted(titles - {""}),
                emphasis=emphasis,
                overrides=config.spoken,
                entries=config.lexicon,
                engine=info.name,
            )
            return " ".join(spoken.text.split()), spoken.changes

        return Manner(info.max_chars, speak)

    disclosure = config.show.disclosure
    if disclosure == DEFAULT:
        disclosure = get_disclosure(review.language)
    settings = replace(config.split, closing=(*config.split.closing, disclosure))
    usual = suit(voice)
    manners = {role: suit(other) for role, other in roles.items()}
    script = split_review(
        review, settings, max_chars=usual.max_chars, say=usual.say, manners=manners
    )
    script = link_opening(script, review)
    if not draft.edits:
        return script
    script, _ = apply_edits(script, draft.edits)
    limits = {
        name: describe_voice(make_voice(config, name)).max_chars
        for name in list_segment_voices(script)
    }

    def find_limit(segment: Segment) -> int:
        return limits.get(segment.voice) or manners.get(segment.role, usual).max_chars

    return fit_script(script, settings, find_limit=find_limit)


def _script_round_up(
    draft: Draft, config: Config, voice: Voice, roles: Mapping[Role, Voice]
) -> Script:
    """Write the scripts of a round-up's reviews, each with its own edits, and join them.

    What the show says first and last is said once.
    """

    def write(part: Draft, opening: Sequence[str], closing: Sequence[str], said: str) -> Script:
        split = replace(config.split, opening=tuple(opening), closing=tuple(closing))
        settings = replace(config, split=split, show=replace(config.show, disclosure=said))
        return script_draft(part, settings, voice, roles)

    review, settings = draft.review, config.split
    first = replace(review, sections=review.sections[:1], omissions=())
    last = replace(review, sections=(), omissions=(), origins={})
    return join_scripts(
        write(replace(draft, review=first, parts=()), settings.opening, (), ""),
        [(part.review, write(part, (), config.collect.closing, "")) for part in draft.parts],
        write(replace(draft, review=last, parts=()), (), settings.closing, config.show.disclosure),
        chapter_pause_s=settings.chapter_pause_s,
        spoiler_title="" if settings.spoiler_title == SPOILER_TITLE else settings.spoiler_title,
    )
