"""A stand-in for the network: names mean what a test says, and no packet leaves this machine.

A public address of `places` leads to a port of loopback; what is connected to is noted.
"""

import errno
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import pytest


class Network:
    """What names mean, and where addresses lead.

    `names` maps a host to the addresses of each answer in turn, of which the last one stays;
    `places` an address to the port of loopback that stands for it. `asked` and `connected` are the
    names that were resolved and the addresses that a connection was tried to.
    """

    def __init__(
        self, names: Mapping[str, Sequence[Sequence[str]]], places: Mapping[str, int]
    ) -> None:
        self.names = {name: list(answers) for name, answers in names.items()}
        self.places = dict(places)
        self.asked: list[str] = []
        self.connected: list[str] = []

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of Python's own resolver and of its sockets' way out."""
        resolve, connect = socket.getaddrinfo, socket.socket.connect

        def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
            try:
                ipaddress.ip_address(host)
            except ValueError:
                self.asked.append(host)
            else:
                return resolve(host, port, *arguments, **options)
            answers = self.names.get(host.rstrip("."))
            if answers is None:
                # a number such as 0x7f.1 is no name: the system's own reading of it
                return resolve(host, port, socket.AF_INET, 0, 0, socket.AI_NUMERICHOST)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return [entry for one in answer for entry in resolve(one, port, *arguments, **options)]

        def connect_there(sock: socket.socket, address: Any) -> None:
            if sock.family not in (socket.AF_INET, socket.AF_INET6):
                return connect(sock, address)
            self.connected.append(address[0])
            if address[0] not in self.places:
                raise OSError(errno.ECONNREFUSED, "nothing is there")
            return connect(sock, ("127.0.0.1", self.places[address[0]]))

        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        patch.setattr(socket.socket, "connect", connect_there)
