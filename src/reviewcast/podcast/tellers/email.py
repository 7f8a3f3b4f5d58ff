"""New episodes are announced by e-mail, which the system's sendmail takes."""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, ClassVar

from msgspec import Meta

from reviewcast.model.clean import clean_line
from reviewcast.model.errors import ConfigError, NotTold, TellError
from reviewcast.model.protocols import Access
from reviewcast.model.telling import Alert, TellerInfo
from reviewcast.podcast.tellers.posting import TIMEOUT_S
from reviewcast.settings.fields import check_bounds
from reviewcast.system.programs import find_program, run_with_input

_ADDRESS = re.compile(r"(?!-)[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
_PLACES = ("/usr/sbin", "/usr/lib", "/sbin")
"""Where sendmail lies and users' paths do not lead."""

_LATER = 75
"""EX_TEMPFAIL of sysexits.h: it may be kept and sent later."""


@dataclass(frozen=True)
class EmailTeller:
    """An e-mail by the system's `sendmail` (of Postfix, Exim, msmtp …); no one sees the others."""

    to: Annotated[
        tuple[str, ...], Meta(description='Whom it goes to, such as ["list@example.org"].')
    ] = ()
    sender: Annotated[str, Meta(description="The address that it comes from.")] = ""
    timeout_s: Annotated[float, Meta(ge=0.1, le=600, description="Seconds that it may take.")] = (
        TIMEOUT_S
    )

    info: ClassVar[TellerInfo] = TellerInfo(name="email")

    def __post_init__(self) -> None:
        if not self.to:
            raise ConfigError(
                "[tell.email] to is missing.", hint='Such as to = ["me@example.org"].'
            )
        if not self.sender:
            raise ConfigError(
                "[tell.email] sender is missing.", hint='Such as sender = "me@example.org".'
            )
        for address in (*self.to, self.sender):
            if not _ADDRESS.fullmatch(address):
                raise ConfigError(
                    f"[tell.email] {address!r} is not an address.", hint="Such as me@example.org."
                )
        check_bounds(self, "[tell.email]")

    @property
    def accesses(self) -> tuple[Access, ...]:
        """Return the addresses that are written to."""
        return tuple(Access("e-mails by this machine's sendmail to", one) for one in self.to)

    def tell(self, alert: Alert) -> str:
        """Give the message to sendmail."""
        program = find_program("sendmail", places=_PLACES)
        if program is None:
            raise NotTold(
                "There is no sendmail on this machine.", hint="Install Postfix, msmtp or the like."
            )
        arguments = ("-i", "-f", self.sender, "--", *self.to)
        try:
            message = self._write(alert)
        except (ValueError, LookupError, HeaderParseError) as error:
            raise NotTold("The e-mail cannot be written.", hint="Check its addresses.") from error
        done = run_with_input(program, arguments, message, longest_s=self.timeout_s)
        if done is None:
            raise NotTold("sendmail cannot be started.")
        code, said = done
        if code == 0:
            return ""
        if code < 0 or code == _LATER:
            raise TellError("sendmail did not end well: the message may have left.")
        words = clean_line(said, longest=200)
        raise NotTold(f"sendmail refuses the message ({code})" + (f": {words}" if words else "."))

    def _write(self, alert: Alert) -> bytes:
        message = EmailMessage(policy=SMTP.clone(linesep="\n"))
        message["From"] = self.sender
        message["To"] = self.to[0] if len(self.to) == 1 else "undisclosed-recipients:;"
        message["Subject"] = clean_line(f"{alert.show}: {alert.title}", longest=200)
        message["Date"] = format_datetime(alert.sent)
        message["Message-ID"] = f"<{alert.id}@{Address(addr_spec=self.sender).domain}>"
        message["Auto-Submitted"] = "auto-generated"
        parts = (alert.text, alert.description, alert.audio)
        message.set_content("\n\n".join(part for part in parts if part) + "\n")
        return message.as_bytes()
