"""What the clips cost: sums, what is unresolved, every purchase, prompts in other words. Buys and settles nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from report_page.data import ReportData
from report_page.words import called, clock, count, esc
from runtime.money import dollars
from runtime.purchase_model import Purchase
from runtime.purchase_words import SAID, spent, to_type, under_way, unresolved

KINDS = {"DONE": "made", "FETCHED": "made", "FAILED": "failed", "REFUSED": "failed", "UNKNOWN": "blocked",
         "SUBMITTED": "running", "INTENT": "running"}
"""The colour of a state: that of the run's own states."""
COLUMNS = (("For", ""), ("Asked of", ""), ("Attempt", "n"), ("State", ""), ("At most", "n"), ("Charged", "n"),
           ("When", ""), ("Said", ""))


def money(data: ReportData) -> str:
    """The section, or nothing when nothing was bought."""
    if not data.purchases:
        return ""
    heads = "".join(f'<th scope="col"{f" class={kind!r}" if kind else ""}>{name}</th>' for name, kind in COLUMNS)
    rows = "".join(_row(one, attempt) for one, attempt in attempts(data.purchases))
    return (f'<section aria-labelledby="money"><h2 id="money">Money</h2>{_sums(data)}{_open(data.purchases)}'
            f'<div class="scroll" tabindex="0" role="region" aria-labelledby="money"><table><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>{_reworded(data.purchases)}</section>")


def cost(data: ReportData, wanted: str) -> str:
    """What an artifact cost, in words; empty when it was not bought."""
    bought = [one for one in data.purchases if one.wanted == wanted]
    if not bought:
        return ""
    return str(spent(bought)) + (f" in {len(bought)} attempts" if len(bought) > 1 else "")


def attempts(purchases: Sequence[Purchase]) -> Iterator[tuple[Purchase, int]]:
    """Each purchase with its number among those for the same artifact."""
    seen: dict[str, int] = {}
    for one in purchases:
        seen[one.wanted] = seen.get(one.wanted, 0) + 1
        yield one, seen[one.wanted]


def _sums(data: ReportData) -> str:
    total, cap = spent(data.purchases), data.cap_usd
    said = str(total)
    if cap is not None:
        left = max(Decimal(0), cap - total.charged_usd - total.reserved_usd)
        said += f"; the cap is {dollars(cap)}, {dollars(left)} of it left"
    return f'<p class="lede">{esc(said)}. {count(len(data.purchases), "purchase")}, oldest first.</p>'


def _open(purchases: Sequence[Purchase]) -> str:
    """What is not over: unresolved purchases with what to type, and jobs that go on."""
    items = [_unresolved(one) for one in unresolved(purchases)]
    items += [f"<li><b>{esc(called(one.node))}</b>: a job goes on at {esc(one.provider)} as <code>{esc(one.remote_id)}</code> "
              "and is paid for: running again collects it.</li>" for one in under_way(purchases)]
    return f'<div class="trouble open"><ul>{"".join(items)}</ul></div>' if items else ""


def _unresolved(one: Purchase) -> str:
    says = f" {esc(one.evidence['says'])}." if one.evidence.get("says") else ""
    bound = "at an unknown price" if one.reserved_usd is None else f"for up to {dollars(one.reserved_usd)}"
    typed = "".join(f"<li><code>{esc(command)}</code> {esc(when)}</li>" for command, when in to_type(one))
    return (f"<li><b>{esc(called(one.node))}</b>: nobody knows whether purchase {one.id} at {esc(one.provider)} {bound} "
            f"arrived: {esc(one.reason)}.{says} Say what became of it:<ul>{typed}</ul></li>")


def _row(one: Purchase, attempt: int) -> str:
    said = one.reason or str(one.asked.get("price", ""))
    charged = "" if one.charged_usd is None else dollars(one.charged_usd) + (" (bound)" if one.charged_by == "bound" else "")
    cells = (("who", esc(f"{one.provider} {one.model}".strip())), ("n", str(attempt)),
             ("", f'<span class="state {KINDS.get(one.state, "planned")}">{esc(SAID[one.state])}</span>'),
             ("n", dollars(one.reserved_usd)), ("n", charged), ("when", clock(one.intended_at)), ("why", esc(said)))
    return f'<tr><th scope="row">{esc(called(one.node))}</th>' + "".join(
        f"<td{f' class={kind!r}' if kind else ''}>{inside}</td>" for kind, inside in cells) + "</tr>"


def _reworded(purchases: Sequence[Purchase]) -> str:
    """The prompts that were asked in other words than those of the plan, beside these."""
    planned: dict[str, Purchase] = {}
    objected: dict[str, str] = {}
    items = ""
    for one, attempt in attempts(purchases):
        first = planned.setdefault(one.wanted, one)
        if one.asked.get("prompt") != first.asked.get("prompt"):
            items += _pair(first, one, attempt, objected.get(one.wanted, ""))
        if one.refusal:
            objected[one.wanted] = f"{one.provider} had objected: {one.reason}"
    return f"<h3>Asked in other words</h3>{items}" if items else ""


def _pair(first: Purchase, other: Purchase, attempt: int, why: str) -> str:
    return (f'<div class="reworded"><p><b>{esc(called(other.node))}</b>, attempt {attempt}. {esc(why)}</p>'
            f'<dl><div><dt>as planned</dt><dd dir="auto">{esc(first.asked.get("prompt", ""))}</dd></div>'
            f'<div><dt>as asked</dt><dd dir="auto">{esc(other.asked.get("prompt", ""))}</dd></div></dl></div>')
