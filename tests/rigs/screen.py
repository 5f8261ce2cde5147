"""A terminal's screen, as far as `dl` moves on it: what a person would see of what was written."""

from __future__ import annotations

import re
from typing import NamedTuple

# Cursor up and down, erase below, erase the line's rest, a colour; controls; text.
_TOKENS = re.compile(r"\x1b\[(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Cell(NamedTuple):
    """One character and the colour that it was written in (SGR), 0 for the usual one."""

    character: str = " "
    colour: int = 0


class Screen:
    """Takes what is written to a terminal; `rows` are its lines from the first one on."""

    def __init__(self, columns: int = 80) -> None:
        self._columns = columns
        self._row = self._column = self._colour = 0
        self.rows: list[list[Cell]] = [[]]

    def feed(self, written: str) -> None:
        """Write on the screen."""
        for number, command, control, text in _TOKENS.findall(written):
            if command:
                self._obey(command, int(number or 0))
            elif control == "\r":
                self._column = 0
            elif control:
                self._down()
            else:
                self._write(text)

    def lines(self) -> list[str]:
        """Return the text of the lines, without blanks at their ends."""
        return ["".join(cell.character for cell in row).rstrip() for row in self.rows]

    def _obey(self, command: str, number: int) -> None:
        if command == "A":
            self._row = max(0, self._row - max(1, number))
        elif command in "JK":
            del self.rows[self._row][self._column :]
            if command == "J":
                del self.rows[self._row + 1 :]
        elif command == "m":
            self._colour = number

    def _down(self) -> None:
        self._row += 1
        self.rows += [[] for _ in range(self._row + 1 - len(self.rows))]

    def _write(self, text: str) -> None:
        for character in text:
            if self._column == self._columns:
                self._column = 0
                self._down()
            row = self.rows[self._row]
            row += [Cell()] * (self._column + 1 - len(row))
            row[self._column] = Cell(character, self._colour)
            self._column += 1
