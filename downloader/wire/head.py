"""What stands before a reply's body: its status and its header fields."""

from __future__ import annotations

from functools import lru_cache


class Fields:
    """The header fields of a reply; names count without case, values are read as Latin-1.

    `values` are the field lines' own, by their names in lower case.
    """

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: dict[bytes, list[bytes]] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one field line: llhttp's call."""
        key = name.lower()
        if key in self.values:
            self.values[key].append(value)
        else:
            self.values[key] = [value]

    def get(self, name: str) -> str | None:
        """Return the values of all lines of this name as one list, `None` if there is none."""
        values = self.values.get(_key(name))
        return None if values is None else b", ".join(values).decode("latin-1").strip(" \t")

    def getlist(self, name: str) -> list[str]:
        """Return the values of the lines of this name."""
        found = self.values.get(_key(name))
        return [value.decode("latin-1").strip(" \t") for value in found] if found else []


class Head:
    """What stands before a reply's body; `minor` is 1 for HTTP/1.1, 0 for HTTP/1.0."""

    __slots__ = ("fields", "minor", "reason", "status")

    def __init__(self, minor: int, status: int, reason: str, fields: Fields) -> None:
        self.minor = minor
        self.status = status
        self.reason = reason
        self.fields = fields

    @property
    def keeps_alive(self) -> bool:
        """Return True if the connection stays open afterwards (RFC 9112 section 9.3)."""
        connection = self.fields.get("Connection")
        if connection is None:
            return self.minor == 1
        options = {option.strip().lower() for option in connection.split(",")}
        return "close" not in options and (self.minor == 1 or "keep-alive" in options)


@lru_cache(maxsize=128)  # our own code asks for a few names, again and again
def _key(name: str) -> bytes:
    return name.lower().encode()
