"""kill -9 while money is being spent: nothing is bought twice, nothing that was bought is lost, every doubt is asked about."""

import random
import signal
import time

import pytest

from runtime.commit_points import PAID
from tests import paid_runs, ready_runs

SEED = 20261122
PROVIDERS = ("runway", "google")


@pytest.fixture(scope="module", params=PROVIDERS)
def whole(request, tmp_path_factory):
    """The provider, the hash of the film that nothing interrupted, and how long such a run takes in seconds."""
    for name in ("with imports", "ready"):
        with paid_runs.server_of(request.param) as server:
            film = paid_runs.config(tmp_path_factory.mktemp(name), request.param, server)
            begun = time.monotonic()
            assert _run(film) == 0, ready_runs.said(film)
            whole_s = time.monotonic() - begun
    return request.param, paid_runs.sha256(film.film), whole_s


@pytest.mark.parametrize("point", PAID)
def test_killed_at_a_commit_point_of_a_purchase_the_next_run_pays_nothing_twice(tmp_path, whole, point):
    provider, undisturbed, _ = whole
    with paid_runs.server_of(provider) as server:
        film = paid_runs.config(tmp_path, provider, server)
        assert _run(film, point) == -signal.SIGKILL, ready_runs.said(film)
        paid_runs.finish(film, server)
        paid_runs.assert_paid_once(film, server, undisturbed)


def _run(film, point=""):
    """A run in a process of its own, killed at a commit point when one is named: its exit code."""
    child = ready_runs.start(film, point=point)
    child.join(paid_runs.LONGEST_S)
    return child.exitcode


def test_a_lost_answer_is_asked_about_and_never_bought_again(tmp_path, whole):
    provider, _, _ = whole
    with paid_runs.server_of(provider) as server:
        film = paid_runs.config(tmp_path, provider, server)
        assert _run(film, "purchase.answered") == -signal.SIGKILL, ready_runs.said(film)
        before = len(server.posts)
        code, said = paid_runs.again(film)
        assert code == 6
        lost = [one for one in paid_runs.purchases(film) if one.state == "UNKNOWN"]
        assert all(f"resolve {one.id}" in said for one in lost)
        for one in lost:  # the others are made; what is in doubt is not
            assert sum(post.prompt == one.asked["prompt"] for post in server.posts[before:]) == 0
        assert paid_runs.again(film)[0] == 6


def kill_until_done(folder, whole, kills, seed):
    """Kills paid runs at random moments and takes them up again, until `kills` of them hit a run at work. Returns the runs."""
    provider, undisturbed, whole_s = whole
    dice, hits, runs = random.Random(seed), 0, 0
    while hits < kills:
        (place := folder / str(runs)).mkdir()
        with paid_runs.server_of(provider) as server:
            film = paid_runs.config(place, provider, server)
            for _ in range(4):
                runs += 1
                assert runs <= 8 * kills + 20, "runs end before they can be killed"
                killed = _killed(film, dice.uniform(0.1, 1.0) * whole_s)
                hits += killed
                paid_runs.resolve_all(film, server)
                if not killed or hits == kills:
                    break
            paid_runs.finish(film, server)
            paid_runs.assert_paid_once(film, server, undisturbed)
    return runs


def _killed(film, after_s):
    """Whether the run was at work in its folder when it was killed."""
    child = ready_runs.start(film)
    child.join(after_s)
    if child.exitcode is None:
        child.kill()
        child.join()
    assert child.exitcode in (0, 6, -signal.SIGKILL), ready_runs.said(film)
    return child.exitcode == -signal.SIGKILL and (film.folder / "events.jsonl").exists()


def test_random_kills_pay_nothing_twice(tmp_path, whole):
    kill_until_done(tmp_path, whole, 10, SEED)


@pytest.mark.soak
def test_two_hundred_and_fifty_random_kills_of_each_provider_pay_nothing_twice(tmp_path, whole):
    runs = kill_until_done(tmp_path, whole, 250, SEED + 1)
    print(f"\n{whole[0]}: 250 kills in {runs} runs, seed {SEED + 1}")  # noqa: T201 - make soak shows it
