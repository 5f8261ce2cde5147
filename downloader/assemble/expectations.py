"""What lists of checksums say of files, each read in the way of its kind."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace as replace_option
from typing import BinaryIO, cast

from downloader import checksums, urls
from downloader.errors import BadChecksum, BadUrl, UsageError
from downloader.formats import bagit, records, sums_digests
from downloader.formats.cells import recorded_name
from downloader.formats.reading import ListContext
from downloader.formats.records import Record
from downloader.formats.sums_list import Counted
from downloader.formats.sums_reader import SumsReader
from downloader.inputs import bags
from downloader.inputs.checksums import Told, opened
from downloader.inputs.items import open_items
from downloader.inputs.sources import open_list
from downloader.models import Digest, Expected, UrlItem
from downloader.options import Options
from downloader.planning import naming
from downloader.planning.names import Names
from downloader.registry import look_up
from downloader.state.recorded import RecordedFiles
from downloader.state.spill import SpillDict
from downloader.state.spill_expected import SpillExpected
from downloader.state.spill_texts import SpillTexts
from downloader.storage.tree import below
from downloader.text import plural

_UNNAMED = "{} without a name: nothing was checked by them"
_UNUSABLE = "{} could not be used: nothing was checked by them"


class Gathering:
    """Reads lists into `expected`.

    Names of sums files are below `folder`, as paths from the current folder if there is none;
    those of a bag are in the bag, and files of lists of URLs where `dl fetch` puts them, which
    `known` knows of earlier runs.
    """

    def __init__(
        self,
        expected: SpillExpected,
        options: Options,
        folder: str | None,
        known: RecordedFiles | None,
    ) -> None:
        self._expected = expected
        self._options = options
        self._folder = folder
        self._known = known
        self._odd: Counter[tuple[str, str]] = Counter()  # by list, and what is said of its lines
        self._notices: list[str] = []
        self._folders: dict[str, None] = {}  # in which the files of lists are

    def notices(self) -> Iterator[str]:
        """Yield what could not be understood, each a sentence."""
        yield from self._notices
        for (source, sentence), count in self._odd.items():
            yield f"{source}: {sentence.format(plural('line', count))}"

    def folders(self) -> list[str]:
        """Return the folders in which the files of all lists are, of a bag that of its payload."""
        return list(self._folders)

    def read(self, name: str, stdin: BinaryIO | None) -> None:
        """Read one list. Raises `UsageError` if it cannot be read."""
        if name.lower().startswith(("http://", "https://")):
            shown = urls.masked(name)
            raise UsageError(f"{shown}: fetch the list first, and name its file")
        if bag := bags.folder_of([name]):
            self._read_bag(bag)
        elif manifest := bagit.manifest(name):
            self._read_manifest(os.path.dirname(name) or os.curdir, name, manifest)
        else:
            with opened(name, stdin, self._options.list_format) as told:
                self._read_told(name, told)

    def _read_told(self, name: str, told: Told) -> None:
        match told.format:
            case "sums":
                self._read_sums(name, told.stream)
            case "records":
                self._read_records(name, records.of_json(told.stream, name))
            case "records in csv":
                self._read_records(name, records.of_csv(told.stream, name))
            case _:
                self._read_list(name, told)

    def _read_bag(self, bag: str) -> None:
        self._read_fetched(bag, os.path.join(bag, bags.LIST))
        for path, algorithm in bagit.manifests(bag):
            self._read_manifest(bag, path, algorithm)

    def _read_fetched(self, bag: str, source: str) -> None:
        """Read which files of a bag can be had where, if any can."""
        if not os.path.isfile(source):
            return
        with open_list(source) as stream:
            for item in bagit.read(stream, ListContext(source, path=source)):
                if item.fault or item.name is None:
                    self._odd[source, _UNUSABLE] += 1
                else:
                    path = below(bag, item.name)
                    self._expected.add(_of_item(path, item, item.checksums, bag))

    def _read_manifest(self, bag: str, source: str, algorithm: str) -> None:
        self._folders[below(bag, bagit.PAYLOAD)] = None
        for written, digest, line in bagit.entries(source, algorithm):
            path = below(bag, written)
            if not os.path.lexists(path):
                path = below(bag, bagit.composed(written))
            self._expected.add(Expected(path, (digest,), None, line, source, bag))

    def _read_sums(self, source: str, stream: BinaryIO) -> None:
        self._folders[self._folder or os.curdir] = None
        reader, counted = SumsReader(source), Counted(stream)
        own = sums_digests.own_name(source)
        beside = os.path.join(os.path.dirname(source), own) if own and not self._folder else own
        for name, digest in reader.entries(cast(BinaryIO, counted), source):
            if name or beside:
                path = below(self._folder, name or beside)
                self._expected.add(
                    Expected(
                        *(path, (digest,), None, counted.line, source, self._folder),
                        urls=_url_at_the_end(counted.last),
                    )
                )
            else:
                self._odd[source, _UNNAMED] += 1
        if reader.unsupported:
            names = ", ".join(reader.unsupported)
            self._notices.append(f"{source}: checksums of {names} are not supported")
        if reader.first_odd:
            self._notices.append(f"{source}: lines like {reader.first_odd!r} are not understood")

    def _read_records(self, source: str, read: Iterator[Record]) -> None:
        self._folders[self._folder or os.curdir] = None
        for record in read:
            path = record.path
            if self._folder is not None:
                path = below(self._folder, recorded_name(path, self._folder) or path)
            self._expected.add(
                Expected(
                    *(path, record.digests, record.size, record.line, source, self._folder),
                    urls=(record.url,) if record.url else (),
                )
            )

    def _read_list(self, source: str, told: Told) -> None:
        self._folders[self._options.dir] = None
        options = replace_option(self._options, list_format=told.format)
        layout = look_up(naming.LAYOUTS, options.layout, "layout")
        stdin = told.stream if source == "-" else None
        with (
            open_items([source], options, stdin) as items,
            closing(SpillDict()) as used,
            closing(SpillTexts()) as placed,
        ):
            listed = _Listed(Names(layout, used), placed, self._known)
            for item in items:
                self._add_item(item, listed)

    def _add_item(self, item: UrlItem, listed: _Listed) -> None:
        try:
            if item.fault:
                raise BadUrl(item.fault)
            url = urls.normalise(item.url)
            digests = checksums.checked([*item.checksums, *checksums.in_fragment(item.url)])
        except (BadUrl, BadChecksum):
            self._odd[item.source, _UNUSABLE] += 1
            return
        folder = self._options.dir
        path = below(folder, listed.name(url, item))
        self._expected.add(_of_item(path, item, digests, folder))


def _of_item(path: str, item: UrlItem, digests: tuple[Digest, ...], folder: str) -> Expected:
    return Expected(
        *(path, digests, item.size, item.line, item.source, folder),
        urls=(item.url, *item.mirrors),
        headers=item.headers,
    )


def _url_at_the_end(line: bytes) -> tuple[str, ...]:
    """Return the URL that may end a line of a registry (pooch)."""
    last = line.split()[-1:]
    is_url = bool(last) and last[0].startswith((b"https://", b"http://"))
    return (last[0].decode("utf-8", "surrogateescape"),) if is_url else ()


class _Listed:
    """Knows where `dl fetch` puts the files of a list."""

    def __init__(self, names: Names, placed: SpillTexts, known: RecordedFiles | None) -> None:
        self._names = names
        self._placed = placed
        self._known = known

    def name(self, url: str, item: UrlItem) -> str:
        """Return the path of the next item below the folder, that of an earlier one of its URL."""
        found = self._placed.get(url)
        if found is None:
            found = self._chosen(urls.without_login(url), item)
            self._placed.put(url, found)
        return found

    def _chosen(self, url: str, item: UrlItem) -> str:
        chosen = self._names.choose(url, item.name, url)
        stored = self._known.stored_at(url) if self._known and item.name is None else None
        return stored or chosen
