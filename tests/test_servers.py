"""What the servers that bill stand on: scripts of faults, lines, clips, coming and going, and the rehearsal by hand."""

import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import runwayml
from ruamel.yaml import YAML

import generators.factory
import image_generators.factory
from config_model import PlannerSettings
from tests.servers import RunwayServer
from tests.servers.__main__ import CONFIGS
from tests.servers.clips import Look, encode
from tests.servers.customers import FIRST, LAST, buy, ended, runway
from tests.servers.faults import Faults, described
from tests.servers.job_line import JobLine
from tests.servers.ledger_of_bills import Job, Order
from tests.servers.loopback import Request
from tests.servers.multipart import read_parts

ROOT = Path(__file__).parent.parent


def test_a_script_is_read_and_strikes_where_it_says():
    faults = Faults.parse("429@2*2:retry_after=0.5, failed:SAFETY.OUTPUT.VIDEO~Harbour*1, overbill=1.5")
    struck = [faults.strike(number, "the harbour") for number in range(1, 5)]
    assert [hit.status() is not None for hit in struck] == [False, True, True, False]
    assert [getattr(hit.get("failed"), "value", None) for hit in struck] == ["SAFETY.OUTPUT.VIDEO", None, None, None]
    assert all("overbill" in hit for hit in struck) and "failed" not in faults.strike(5, "elsewhere")


@pytest.mark.parametrize("script", ["boo", "429:s=1", "overbill=much", "wrong_size=big", "clock_skew@2", "429 @", "stuck=1"])
def test_a_script_that_means_nothing_is_refused(script):
    with pytest.raises(ValueError):
        Faults.parse(script)


def test_every_fault_that_is_listed_can_be_asked_for():
    for listed, _ in described():
        for fault in listed.replace(":VALUE", "").split():
            Faults.parse(fault)


def test_a_form_is_read_part_by_part_with_names_and_types():
    noise = bytes(range(256)) + b"\r\n--not the end\r\n"
    sent = httpx.Request("POST", "http://a", data={"prompt": "grün"}, files=[("image[]", ("ä.png", noise, "image/png")),
                                                                              ("image[]", ("2", b"", "image/webp"))])
    request = Request("POST", "/", {}, dict(sent.headers), sent.read())
    assert [(part.name, part.filename, part.kind) for part in read_parts(request)] == [
        ("prompt", None, ""), ("image[]", "ä.png", "image/png"), ("image[]", "2", "image/webp")]
    assert [part.data for part in read_parts(request)] == ["grün".encode(), noise, b""]
    assert read_parts(Request("POST", "/", {}, {"content-type": "application/json"}, b"{}")) == []


def test_places_in_line_are_given_on_at_the_moment_they_become_free():
    line = JobLine(1)
    order = Order("m", "p", 5, 16, 16, (), 1, 1)
    jobs = [Job(str(number), number, order, Faults().strike(number, ""), 10.0, 0.0) for number in range(3)]
    for job in jobs:
        line.admit(job, 0.0)
    line.advance(100.0)
    assert [(job.began_at, job.ended_at) for job in jobs] == [(0, 10), (10, 20), (20, 30)]


def test_the_same_request_makes_the_same_bytes():
    look = Look(64, 64, 12, "a", "b", "p", sound=True)
    assert encode(look, FIRST, LAST) == encode(look, FIRST, LAST) != encode(look, FIRST, None)


def test_a_server_goes_away_comes_back_with_its_counts_and_leaves_nothing_behind():
    before = threading.active_count()
    with RunwayServer() as server:
        task = buy(client := runway(server)).id
        server.stop()
        with pytest.raises(runwayml.APIConnectionError):
            client.tasks.retrieve(task)
        server.start()
        assert ended(client, task).status == "SUCCEEDED"
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)
    assert threading.active_count() <= before and not server.pictures.folder.exists()


def test_a_server_that_breaks_is_no_pass():
    def latency(number, dice):
        raise ZeroDivisionError("broken on purpose")

    server = RunwayServer(latency_s=latency).start()
    with pytest.raises(runwayml.APIConnectionError):
        buy(runway(server))
    with pytest.raises(AssertionError, match="broken on purpose"):
        server.__exit__(None, None, None)


def test_latencies_can_be_drawn():
    with RunwayServer(latency_s=lambda number, dice: number + dice.random(), seed=1) as server:
        for _ in range(2):
            buy(runway(server))
        assert [int(job.latency_s) for job in server.jobs] == [1, 2]


def test_a_rehearsal_says_what_to_configure_and_ends_with_the_bill(tmp_path):
    ports = [part for name in ("runway", "google", "openai", "stability") for part in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "tests.servers", *ports, "--latency", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        said = "".join(iter(child.stdout.readline, "Waiting for jobs; Ctrl-C ends the rehearsal and shows the bill.\n"))
        address = re.findall(r"base_url: (http://127.0.0.1:\d+)", said)[0]
        buy(runwayml.RunwayML(api_key="rehearsal", base_url=address, max_retries=0))
        child.send_signal(signal.SIGINT)
        told, _ = child.communicate(timeout=20)
    assert all(text.partition("{url}")[0] in said for text in CONFIGS.values())
    assert re.search(r"job 1 .*640x360 sound, first \+ last", told) and re.search(r"Runway +│ in all .* 0\.11", told)


@pytest.mark.parametrize(("name", "block"), [(name, block) for name, text in CONFIGS.items() for block in text.split("\n\n")])
def test_what_a_rehearsal_says_to_configure_can_be_configured(name, block):
    address = "http://127.0.0.1:1" + "/v1" * (name == "OpenAI")
    (section, values), = YAML(typ="safe").load(block.format(url=address)).items()
    known: dict[str, Any] = {"planner": PlannerSettings}
    for registry in (generators.factory.registry, image_generators.factory.registry):
        known |= {registry.section(name): registry.load(name).Options for name in registry.names()}
    assert section not in known or known[section](**values)


def test_a_customer_who_dies_in_the_middle_of_a_sentence_has_bought_nothing():
    with RunwayServer() as server:
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as line:
            line.sendall(b"POST /v1/image_to_video HTTP/1.1\r\nAuthorization: Bearer k\r\nX-Runway-Version: 2024-11-06\r\n"
                         b"Content-Length: 1000\r\n\r\n{\"model\": \"gen4_turbo\"")
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
        assert not server.posts and not server.requests


def test_many_customers_at_once_are_each_served_and_billed_once():
    with RunwayServer(concurrent=5, latency_s=0.01) as server, ThreadPoolExecutor(20) as pool:
        client = runway(server)
        tasks = list(pool.map(lambda number: buy(client, prompt_text=f"segment {number}").id, range(60)))
        assert {ended(client, task).status for task in tasks} == {"SUCCEEDED"}
        assert sorted(bill.job for bill in server.bills) == sorted(tasks) and len(server.posts) == 60
        assert len({bill.artifact for bill in server.bills}) == 60
        assert server.balance == server.credits - 60 * 11
