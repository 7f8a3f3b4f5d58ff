"""Servers that journeys publish to: those of the destinations' own tests."""

from tests.unit.podcast.destinations.conftest import home, moto, s3, sftp, upload

__all__ = ["home", "moto", "s3", "sftp", "upload"]
