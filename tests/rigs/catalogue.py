"""The rows of the catalogue of faults, and where each of them is proved.

A row is proved by the tests of this folder that bear its number (`test_f4_...`), or by those that
are named here. Where neither is possible, the reason is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unproved:
    """Why a row has no test."""

    reason: str


# Promises, framing, status, redirects, names and files, content, lists and processes.
LETTERS = {"P": 10, "F": 22, "S": 14, "D": 16, "N": 14, "C": 6, "L": 14}
CATALOGUE = [f"{letter}{n}" for letter, last in LETTERS.items() for n in range(1, last + 1)]

ROWS: dict[str, tuple[str, ...] | Unproved] = {
    "P2": (
        "tests/pipeline/test_coordinator.py::test_every_line_is_told_exactly_once",
        "tests/faults/test_machine.py::test_n13_little_memory_is_either_enough_or_said",
    ),
    "P3": ("tests/end_to_end/test_continue.py",),
    "P10": (
        "tests/faults/test_torture.py::test_a_fault_of_the_target_leaves_the_truth_or_nothing",
        "tests/faults/test_torture.py::test_a_fault_anywhere_leaves_the_truth_or_nothing",
    ),
    "S14": (
        "tests/transfer/test_retry.py::test_kept_connection_that_was_closed_meanwhile_is_no_try",
    ),
    "S9": Unproved("fetching one file over several connections is not built yet"),
    "S11": Unproved("no HEAD request is ever sent, so none can be refused or lie"),
    "D10": (
        "tests/faults/test_names.py"
        "::test_n5_name_is_that_of_the_last_reply_and_the_urls_own_one_the_first",
        "tests/planning/test_naming.py::test_the_last_segment_is_the_name_decoded_once",
    ),
    "C5": Unproved("a body that changes under one strong validator shows in a checksum only"),
    "L8": (
        "tests/end_to_end/test_streams.py::test_no_escape_sequence_goes_into_a_pipe",
        "tests/end_to_end/test_terminal.py",
    ),
    "L15": ("tests/end_to_end/test_targets.py",),
}
