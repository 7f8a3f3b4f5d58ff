"""Secrets come from variables, and no podcast.toml may name just any of them."""

import os
import re

from msgspec import Struct

from reviewcast.model.errors import ConfigError

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_SECRET = re.compile(r"[\x21-\x7e]+")

_OTHERS_SECRETS = re.compile(
    r"(AWS|AMAZON|AZURE|GOOGLE|GCP|GCLOUD|GCS|GITHUB|GH|GITLAB|GL|CI|BITBUCKET|GITEA|FORGEJO|"
    r"CODEBERG|NPM|NODE|YARN|PYPI|TWINE|UV|POETRY|PIP|CARGO|RUBYGEMS|SSH|GPG|DOCKER|REGISTRY|"
    r"KUBE|KUBERNETES|VAULT|CLOUDFLARE|CF|DIGITALOCEAN|HEROKU|NETLIFY|VERCEL|FLY|HCLOUD|LINODE|"
    r"ALIBABA|ALICLOUD|OCI|IBMCLOUD|SLACK|DISCORD|STRIPE|TWILIO|SENDGRID|SENTRY|OP|BW|"
    r"ACTIONS|RUNNER|JENKINS|CIRCLE|TRAVIS|DRONE|BUILDKITE|TF|PULUMI|ANSIBLE)_.*"
    r"|.*(AWS|AZURE|GITHUB|GITLAB|CI_JOB|NPM|PYPI|DOCKER|SSH)_.*"
)
"""Variables that clouds, forges, package indexes and their like keep secrets in."""


class SecretKind(Struct, frozen=True, kw_only=True):
    """A setting that names the variable of a secret: how both are called, and which names fit.

    `endings` are those that the variable's name may have, of which `shown` are told; `example`
    and `other` are names that fit.
    """

    setting: str
    noun: str
    endings: tuple[str, ...]
    shown: tuple[str, ...]
    example: str
    other: str


def check_variable(name: str, kind: SecretKind) -> None:
    """Raise ConfigError for a variable that may hold a secret of something else.

    What is wrong may be the secret in the wrong place, so it is not repeated.
    """
    if not _VARIABLE.fullmatch(name):
        raise ConfigError(
            f"{kind.setting} must be the name of a variable, never the {kind.noun} itself.",
            hint=f'Such as "{kind.example}", in capitals.',
        )
    if _OTHERS_SECRETS.fullmatch(name):
        raise ConfigError(
            f"{kind.setting} names {name}, whose secret is for another service.",
            hint=f"Copy a {kind.noun} of this service to a variable such as {kind.other}.",
        )
    if not any(name == ending or name.endswith(f"_{ending}") for ending in kind.endings):
        listed = " or ".join(f"_{ending}" for ending in kind.shown)
        raise ConfigError(
            f"{kind.setting} names {name}, which may hold any secret.",
            hint=f"Its name must end in {listed}, such as {kind.other}.",
        )


def read_variable(name: str, kind: SecretKind) -> str:
    """Return the secret that a variable holds.

    Raise ConfigError when it is not set, or holds what no secret is; no message repeats it.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"The variable {name} is not set.", hint=f"Set it to your {kind.noun}.")
    if not _SECRET.fullmatch(value):
        raise ConfigError(
            f"The variable {name} holds signs that no {kind.noun} has.",
            hint=f"Copy the {kind.noun} again.",
        )
    return value
