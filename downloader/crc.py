"""Two checksums of 32 bits, as `hashlib` has digests: they tell errors from intent, no more.

The hash workers import this module only where one is asked for.
"""

from __future__ import annotations

import zlib

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Crc32:
    """That of zip, gzip, PNG and .sfv files (ISO 3309), most significant digit first."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview, /) -> None:
        """Take in more bytes."""
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        """Return the checksum of all bytes so far."""
        return f"{self._value:08x}"


class Cksum:
    """That of POSIX `cksum`: the same polynomial, bits in the other order, then the length."""

    def __init__(self) -> None:
        self._value = 0xFFFFFFFF  # which zlib turns into a register of 0
        self._size = 0

    def update(self, data: memoryview, /) -> None:
        """Take in more bytes."""
        self._value = zlib.crc32(bytes(data).translate(_REVERSED), self._value)
        self._size += len(data)

    def hexdigest(self) -> str:
        """Return the checksum of all bytes so far, in hexadecimal as all others."""
        length = self._size.to_bytes((self._size.bit_length() + 7) // 8, "little")
        value = zlib.crc32(length.translate(_REVERSED), self._value)
        return f"{int(f'{value:032b}'[::-1], 2):08x}"
