"""The parts of the benchmarks that need no other programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from socket import create_connection

import pytest
from bodies import check_files, check_sums, digest, file_name, make_files, sample
from clients import PEERS, all_dls, dl, hashers
from good import GoodServer
from links import discipline
from rounds import Results, write_list
from spending import Cost, NoResult, spend
from tables import best, cell, figure, head, peers_head, peers_row, per_item, ratio, scale_row
from workloads import FAR, SHARED, WORKLOADS, Scale

HERE = Path(__file__).parent
ORPHAN = f"{sys.executable} -c 'sum(range(5_000_000))' & exit 0"


def costs(*seconds: float) -> list[Cost]:
    return [Cost(each, each / 10, 1 << 20) for each in seconds]


@pytest.fixture
def results() -> Results:
    ways = {
        ("dl", ""): costs(3.0, 1.0, 2.0),
        ("curl", "sha256sum"): costs(5.0, 5.0, 5.0),
        ("curl", "openssl"): costs(4.0, 4.5, 3.9),
        ("wget2", "openssl"): costs(5.0, 1.0, 6.0),
    }
    return Results(ways, {"aria2c": "not installed"}, "loopback")


@pytest.mark.parametrize(
    ("number", "told"),
    [(0.0123, "0.012"), (9.876, "9.88"), (12.34, "12.3"), (5881.4, "5,881")],
)
def test_a_figure_has_three_digits_that_count(number: float, told: str) -> None:
    assert figure(number) == told


def test_the_best_way_has_the_lowest_median(results: Results) -> None:
    assert best(results, ["curl", "wget2", "aria2c"]) == ("curl", "openssl")
    assert best(results, ["aria2c"]) is None


def test_a_cell_has_the_median_the_extremes_and_the_hasher(results: Results) -> None:
    assert cell(results, "dl") == "2.00 (1.00 to 3.00)"
    assert cell(results, "curl") == "4.00 (3.90 to 4.50), openssl"


def test_a_client_that_did_not_run_has_a_reason_or_a_dash(results: Results) -> None:
    assert [cell(results, "aria2c"), cell(results, "other")] == ["not installed", "-"]
    assert ratio(results, "other", ["curl"]) == ratio(results, "dl", ["aria2c"]) == "-"


def test_the_ratio_is_to_the_best_peer(results: Results) -> None:
    assert ratio(results, "dl", ["curl", "wget2", "aria2c"]) == "0.50"


def test_the_processor_time_of_a_file_is_in_microseconds() -> None:
    assert per_item(costs(3.0, 1.0, 2.0), 1000) == pytest.approx(200.0)


def test_a_failed_client_loses_the_runs_that_it_has(results: Results) -> None:
    results.fail("curl", "ended with 1: a|b")
    assert best(results, ["curl"]) is None
    assert cell(results, "curl") == "ended with 1: a\\|b"


def test_the_rows_of_a_table_are_as_wide_as_its_head(results: Results) -> None:
    dls, peers = ["dl", "old"], [each.name for each in PEERS]
    lines = peers_head(dls, peers).splitlines()
    lines += [peers_row(each, results, dls, peers).rstrip() for each in WORKLOADS]
    assert len({line.count(" | ") for line in lines}) == 1


def test_a_head_is_markdown() -> None:
    assert head(["a", "b"]) == "| a | b |\n| --- | --- |\n"


def test_the_cost_of_an_item_is_told_with_and_without_the_start() -> None:
    told = scale_row("dl", Scale(1000), costs(10.0), costs(2.0))
    assert told == "| dl | 1,000 | 8 | 10.0 (10.0 to 10.0) | 1,000 | 800 | 1 |\n"


@pytest.mark.parametrize(
    ("given", "name", "command"),
    [
        ("old=/x/dl", "old", "/x/dl"),
        ("/x/dl --y=z", "dl", "/x/dl --y=z"),
        ("PYTHONPATH=/x python -m downloader", "dl", "PYTHONPATH=/x python -m downloader"),
    ],
)
def test_a_dl_is_given_by_name_and_command(given: str, name: str, command: str) -> None:
    assert (dl(given).name, dl(given).command) == (name, command)


def test_a_dl_without_a_name_takes_the_place_of_this_one() -> None:
    assert [each.command for each in all_dls(["/x/dl"])] == ["/x/dl"]
    assert [each.name for each in all_dls(["old=/x/dl"])] == ["dl", "old"]


def test_a_list_is_in_the_words_of_the_client(tmp_path: Path) -> None:
    write_list(tmp_path / "list", PEERS[0], "http://h/{}", 2)
    first = 'url = "http://h/0000000.bin"\noutput = "got/0000000.bin"\n'
    assert (tmp_path / "list").read_text() == first + first.replace("0.bin", "1.bin")


def test_delays_are_split_between_both_ends_and_rates_are_not() -> None:
    assert discipline(FAR)[:3] == ["netem", "delay", "25ms"]
    assert discipline(SHARED)[:3] == ["tbf", "rate", "200000000bit"]


def test_files_are_the_same_in_every_run(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        make_files(tmp_path / folder, 3, 1000)
    check_files(tmp_path / "a", tmp_path / "b", 3, 1000)
    assert len({digest(path) for path in (tmp_path / "a").iterdir()}) == 3


@pytest.mark.parametrize("damage", ["missing", "short", "changed", "more"])
def test_damage_is_seen(damage: str, tmp_path: Path) -> None:
    for folder in ("true", "got"):
        make_files(tmp_path / folder, 3, 1000)
    first = tmp_path / "got" / file_name(0)
    match damage:
        case "missing":
            first.unlink()
        case "short":
            first.write_bytes(first.read_bytes()[:-1])
        case "changed":
            first.write_bytes(bytes(1000))
        case "more":
            make_files(tmp_path / "got", 4, 1000)
    with pytest.raises(NoResult):
        check_files(tmp_path / "got", tmp_path / "true", 3, 1000)


def test_a_sample_is_spread_over_all_files() -> None:
    assert list(sample(3)) == [file_name(0), file_name(1), file_name(2)]
    assert list(sample(20_000))[-1] == file_name(19_000)


@pytest.mark.parametrize("name", hashers(1))
def test_every_hasher_has_a_line_for_each_file(name: str, tmp_path: Path) -> None:
    make_files(tmp_path / "got", 5, 1000)
    spend(["sh", "-c", hashers(5)[name]], tmp_path, 30.0)
    check_sums(tmp_path / "output", tmp_path / "got", 5)


def test_what_is_left_running_is_in_the_processor_time(tmp_path: Path) -> None:
    started = spend([sys.executable, "-c", "pass"], tmp_path, 30.0)
    assert spend(["sh", "-c", ORPHAN], tmp_path, 30.0).processor > started.processor


def test_a_command_that_fails_or_does_not_end_has_no_result(tmp_path: Path) -> None:
    with pytest.raises(NoResult, match="ended with 3: no"):
        spend(["sh", "-c", "echo no >&2; exit 3"], tmp_path, 30.0)
    with pytest.raises(NoResult, match="ended with -9"):
        spend(["sleep", "60"], tmp_path, 0.1)


def test_the_relay_passes_every_byte_on() -> None:
    body = bytes(range(256)) * 1000
    with GoodServer({"/a": body}) as server:
        port = server.url("/").split(":")[2].rstrip("/")
        command = [sys.executable, str(HERE / "relay.py"), port, "0.01"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as relay:
            assert relay.stdout
            with create_connection(("127.0.0.1", int(relay.stdout.readline()))) as connection:
                connection.sendall(b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                with connection.makefile("rb") as reply:
                    assert reply.read().endswith(b"\r\n\r\n" + body)
            relay.terminate()
