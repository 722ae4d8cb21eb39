"""One row a POST: which step leads where, what the cap counts, and what opening a folder makes of a killed run's rows."""

import sqlite3
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.ledger import TAKES, Ledger
from runtime.purchase_model import LIVE, AlreadyLive, IdTaken, NoRoom, OutOfOrder
from tests.bought import BOUND, done, failed, fetched, intent, lost, under_way


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def purchases(ledger):
    return ledger.purchases


def test_an_intent_reserves_its_bound_under_the_cap(purchases):
    purchases.intend(intent(1), Decimal("0.60"))
    purchases.intend(intent(2), Decimal("0.60"))
    with pytest.raises(NoRoom) as full:
        purchases.intend(intent(3), Decimal("0.60"))
    assert full.value.counted_usd == purchases.counted_usd() == 2 * BOUND
    assert len(purchases.all()) == 2


def test_the_cap_may_be_used_to_the_last_millionth_and_no_further(purchases):
    purchases.intend(intent(1, usd="0.9999991"), Decimal(1))
    with pytest.raises(NoRoom):
        purchases.intend(intent(2, usd="0.0000001"), Decimal(1))
    assert purchases.counted_usd() == 1, "what is counted is rounded up"


def test_what_is_under_way_or_lost_is_not_bought_a_second_time(purchases):
    for leave in (under_way, lost, fetched):
        what = intent(wanted=leave.__name__)
        first = leave(purchases, what)
        with pytest.raises(AlreadyLive) as live:
            purchases.intend(what, None)
        assert live.value.id == first.id


def test_after_a_failure_the_same_may_be_bought_again_and_both_count(purchases):
    failed(purchases, intent(), usd="0.10")
    purchases.intend(intent(), None)
    assert purchases.counted_usd() == Decimal("0.10") + BOUND


def test_a_charge_takes_the_place_of_the_reservation(purchases):
    done(purchases, intent(1), "a", "0.20")
    assert purchases.counted_usd() == Decimal("0.20")
    done(purchases, intent(2), "b", None)
    assert purchases.get(2).charged_by == "bound"
    assert purchases.counted_usd() == Decimal("0.20") + BOUND


def test_a_price_that_nobody_knows_does_not_become_nothing(purchases):
    assert done(purchases, intent(1, usd=None), "a", None).charged_usd is None
    ended = failed(purchases, intent(2, usd=None), "b", None)
    assert (ended.charged_usd, ended.charged_by, ended.settled) == (None, "", True)


def test_a_quote_may_raise_what_is_reserved_and_never_lowers_it(purchases):
    for quote, reserved in (("0.10", BOUND), ("0.30", Decimal("0.30")), (None, BOUND)):
        one = purchases.intend(intent(wanted=f"quote {quote}"), None)
        assert purchases.submitted(one.id, f"job {quote}", quote and Decimal(quote)).reserved_usd == reserved


def test_a_lost_file_sends_back_to_the_provider_or_to_the_person(purchases):
    assert purchases.lost_file(fetched(purchases, intent(1)).id).state == "SUBMITTED"
    given = purchases.given(lost(purchases, intent(2)).id, "takes/x.mp4", "a" * 64, None)
    assert purchases.lost_file(given.id).state == "UNKNOWN"


def test_a_person_attaches_an_id_once_and_may_put_it_right(purchases):
    theirs, one = under_way(purchases, intent(1), "task-1"), lost(purchases, intent(2))
    with pytest.raises(IdTaken) as taken:
        purchases.attach(one.id, "task-1")
    assert taken.value.id == theirs.id
    assert purchases.attach(one.id, "task-3").submitted_at == one.intended_at
    assert purchases.attach(one.id, "task-2").remote_id == "task-2"
    with pytest.raises(OutOfOrder):
        purchases.attach(theirs.id, "task-9")


def test_evidence_is_added_to_and_may_hold_what_is_not_known(purchases):
    one = lost(purchases, intent())
    purchases.witness(one.id, before={"credits": 10})
    both = purchases.witness(one.id, after={"credits": None}).evidence
    assert both == {"before": {"credits": 10}, "after": {"credits": None}}


def test_opening_the_folder_makes_a_killed_runs_intent_unknown(purchases):
    one, other = purchases.intend(intent(1), None), under_way(purchases, intent(2))
    purchases.recover()
    assert [purchases.get(each.id).state for each in (one, other)] == ["UNKNOWN", "SUBMITTED"]
    assert purchases.counted_usd() == 2 * BOUND


def test_opening_the_folder_finishes_what_became_a_take_and_names_only_spare_copies(ledger):
    one, other = fetched(ledger.purchases, intent(1), "copy"), fetched(ledger.purchases, intent(2), "take")
    for purchase, path in ((one, "takes/clip.mp4"), (other, other.path)):
        ledger.record(node=purchase.node, wanted=purchase.wanted, take=1, asked={}, made_by="runway", path=path,
                      sha256=purchase.sha256)
    assert ledger.purchases.recover() == [one.path]
    assert {purchase.state for purchase in ledger.purchases.all()} == {"DONE"}


def test_a_ledger_from_before_purchases_has_none(tmp_path):
    with sqlite3.connect(tmp_path / "old.sqlite") as database:
        database.executescript(f"{TAKES} PRAGMA user_version = 1")
    reader = Ledger(tmp_path / "old.sqlite", read_only=True)
    assert reader.purchases.all() == []
    assert reader.purchases.counted_usd() == 0
    reader.close()


STEPS = {
    "submitted": lambda all, one, share: all.submitted(one.id, f"job {one.id}", one.reserved_usd and one.reserved_usd * share),
    "fetched": lambda all, one, share: all.fetched(one.id, "x.mp4", "a" * 64, one.reserved_usd * share, "provider"),
    "fetched at a price nobody says": lambda all, one, share: all.fetched(one.id, "x.mp4", "a" * 64, None, "prices"),
    "done": lambda all, one, share: all.done(one.id),
    "failed": lambda all, one, share: all.ended(one.id, "FAILED", "", charged_usd=one.reserved_usd * share, by="provider"),
    "refused": lambda all, one, share: all.ended(one.id, "REFUSED", "", charged_usd=Decimal(0), by="provider"),
    "given up": lambda all, one, share: all.ended(one.id, "ABANDONED", "", charged_usd=None, by="bound"),
    "unknown": lambda all, one, share: all.unknown(one.id, "lost"),
    "attached": lambda all, one, share: all.attach(one.id, f"job {one.id}"),
    "given": lambda all, one, share: all.given(one.id, "x.mp4", "a" * 64, None),
    "lost file": lambda all, one, share: all.lost_file(one.id),
}


class AnyOrder(RuleBasedStateMachine):
    """Purchases of four artifacts under a cap of a dollar, whatever happens to them and in whatever order."""

    CAP = Decimal(1)

    def __init__(self):
        super().__init__()
        self.folder = TemporaryDirectory()
        self.ledger = Ledger(Path(self.folder.name) / "ledger.sqlite")
        self.all = self.ledger.purchases
        self.ended = {}

    def teardown(self):
        assert self.ledger.check() == "ok"
        self.ledger.close()
        self.folder.cleanup()

    @rule(wanted=st.sampled_from("abcd"), cents=st.integers(0, 60))
    def intend(self, wanted, cents):
        counted, live = self.all.counted_usd(), self.all.live(wanted)
        usd = Decimal(cents) / 100
        try:
            self.all.intend(intent(usd=usd, wanted=wanted), self.CAP)
        except NoRoom:
            assert counted + usd > self.CAP
        except AlreadyLive as other:
            assert live is not None and other.id == live.id
        else:
            assert live is None and counted + usd <= self.CAP

    @precondition(lambda self: self.all.all())
    @rule(step=st.sampled_from(sorted(STEPS)), which=st.integers(0, 99), share=st.sampled_from([0, Decimal("0.5"), 1]))
    def step(self, step, which, share):
        rows = self.all.all()
        one = rows[which % len(rows)]
        try:
            STEPS[step](self.all, one, share)
        except (OutOfOrder, IdTaken):
            assert self.all.all() == rows

    @rule()
    def opened_again(self):
        unknown = {one.id for one in self.all.all() if one.state in ("UNKNOWN", "INTENT")}
        self.all.recover()
        assert {one.id for one in self.all.all() if one.state == "UNKNOWN"} == unknown

    @invariant()
    def the_cap_holds_and_nothing_is_bought_twice(self):
        rows = self.all.all()
        live = [one.wanted for one in rows if one.state in LIVE]
        assert len(live) == len(set(live))
        assert sum((one.counted_usd for one in rows), Decimal(0)) == self.all.counted_usd() <= self.CAP
        for one in rows:
            if one.state not in LIVE:
                assert self.ended.setdefault(one.id, one) == one, "what has ended stays as it is"


AnyOrder.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestInWhateverOrder = AnyOrder.TestCase
