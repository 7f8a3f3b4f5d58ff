"""How requests will be split over the addresses of a voice, as far as that is known before.

How long each took lies in the cache, and may be thrown away.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import StorageError
from reviewcast.model.protocols import Voice, list_endpoints
from reviewcast.system.files import write_whole

FILE = "endpoints.json"

_MOST = 100


class EndpointShare(Struct, frozen=True, kw_only=True):
    """What an address would be asked for; `took_s` is how long a request took there the last time.

    It is None when that is not known of all: they are then taken for equally quick.
    """

    address: str
    requests: int
    took_s: float | None = None


def split_requests(voice: Voice, requests: int, folder: Path) -> tuple[EndpointShare, ...]:
    """Return the share of each address of a voice, () for one that is had at a single one."""
    addresses = [str(getattr(one, "base_url", "")) for one in list_endpoints(voice)]
    if len(addresses) < 2:
        return ()
    times = load_times(folder)
    is_known = all(address in times for address in addresses)
    weights = [1 / times[address] if is_known else 1.0 for address in addresses]
    ends = [round(requests * sum(weights[: n + 1]) / sum(weights)) for n in range(len(weights))]
    return tuple(
        EndpointShare(
            address=address,
            requests=end - begin,
            took_s=round(times[address], 3) if is_known else None,
        )
        for address, begin, end in zip(addresses, [0, *ends], ends, strict=False)
    )


def add_shares(
    one: tuple[EndpointShare, ...], other: tuple[EndpointShare, ...]
) -> tuple[EndpointShare, ...]:
    """Return the sum of what addresses would be asked for."""
    sums = {share.address: share for share in one}
    for share in other:
        before = sums.get(share.address)
        sums[share.address] = (
            replace(share, requests=share.requests + before.requests) if before else share
        )
    return tuple(sums.values())


def load_times(folder: Path) -> dict[str, float]:
    """Read how many seconds a request took at each address; {} when nothing is known."""
    try:
        found = msgspec.json.decode((folder / FILE).read_bytes(), type=dict[str, float])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {address: time_s for address, time_s in found.items() if 0 < time_s < 1e6}


def save_times(folder: Path, times: Mapping[str, float]) -> None:
    """Keep how long a request took at some addresses; a cache that refuses it fails no build."""
    known = load_times(folder)
    for address in times:
        known.pop(address, None)
    kept = dict([*known.items(), *times.items()][-_MOST:])  # the latest last
    with suppress(StorageError), write_whole(folder / FILE, durable=False) as file:
        file.write(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
