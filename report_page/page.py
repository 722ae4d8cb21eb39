"""The page as a whole: head, film, what went wrong, the sections, the tables. Draws from what was gathered."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from report_page.data import ReportData
from report_page.gantt import gantt
from report_page.money import money
from report_page.strip import SAID, strip
from report_page.words import by_whom, called, clock, count, esc, link
from runtime.run_board import ENDED, Standing, in_order, lasted

CSP = "default-src 'none'; img-src data: 'self'; media-src 'self'; style-src 'unsafe-inline'"
MOST_LISTED = 12
"""Of what shares a reason, so many are named beside it."""
STYLE = Path(__file__).with_name("page.css")


def render(data: ReportData) -> str:
    """The HTML document. Every text in it is escaped; it loads nothing but the film and the clips beside it."""
    title = data.storyboard.title if data.storyboard else data.folder
    body = "".join((_head(data, title), "<main>", _film(data), _trouble(data), strip(data), money(data), gantt(data.work),
                    _results(data), _config(data.config), "</main>", _foot(data)))
    return (f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>{esc(title)} · Longtake</title>\n<style>{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n"
            f"<body>\n{body}\n</body>\n</html>\n")


def _head(data: ReportData, title: str) -> str:
    facts = []
    if data.storyboard:
        facts.append(count(len(data.storyboard.segments), "segment"))
    if data.film and data.spans:
        frames = max(span.end for span in data.spans.values())
        seconds = data.film.seconds(frames)
        facts += [f"{seconds:.2f} s" + (f" ({lasted(seconds)})" if seconds >= 60 else ""), count(frames, "frame")]
    if data.film:
        facts.append(str(data.film))
    word, kind, said = _verdict(data)
    line = f'<p class="facts">{" · ".join(esc(fact) for fact in facts)}</p>' if facts else ""
    return (f'<header><p class="brand">Longtake</p><h1 dir="auto">{esc(title)}</h1>{line}'
            f'<p class="verdict {kind}"><b>{word}</b> {esc(said)}</p></header>')


def _verdict(data: ReportData) -> tuple[str, str, str]:
    """(word, colour, sentence): how the last run ended."""
    outcome = data.outcome
    if outcome is None:
        if data.last is None:
            return "Not run yet", "open", ""
        if data.last.finished is not None:
            return "Finished", "open", data.last.finished
        return "Under way or interrupted", "open", "this run has not said how it ended; running again goes on where it was"
    took = lasted(outcome.ended - outcome.started) if outcome.ended and outcome.started else ""
    said = " · ".join(part for part in (outcome.text, took) if part)
    if outcome.exit == 0:
        return "Finished", "good", said
    if outcome.exit in (130, 143):
        return "Interrupted", "open", " · ".join(part for part in ("running again goes on where it was", took) if part)
    return "Not finished", "bad", said


def _film(data: ReportData) -> str:
    standing = data.last.node("film") if data.last else None
    current = standing is None or standing.state in ("made", "reused")
    if data.film_path and current:
        return _video(data, data.film_path, "The film", "")
    parts = []
    if data.preview_path:
        parts.append(_video(data, data.preview_path, "Preview", "A preview with the holes filled. It is not the film."))
    if data.film_path:
        parts.append(_video(data, data.film_path, "Earlier film", "From an earlier run: what changed since is not in it."))
    if not parts:
        why = standing.text if standing and standing.text else "its segments are not all there"
        parts.append(f'<section class="nofilm"><h2>No film yet</h2><p>{esc(why)}</p></section>')
    return "".join(parts)


def _video(data: ReportData, path: str, title: str, note: str) -> str:
    poster = f' poster="data:image/jpeg;base64,{base64.b64encode(data.poster).decode()}"' if data.poster else ""
    size = f' width="{data.film.size.width}" height="{data.film.size.height}"' if data.film else ""
    said = f"<p>{esc(note)}</p>" if note else ""
    return (f'<section class="film" aria-label="{esc(title)}"><video controls preload="metadata" playsinline{size}{poster} '
            f'src="{esc(link(path))}" aria-label="{esc(title)}"></video>{said}'
            f'<p class="file"><a href="{esc(link(path))}">{esc(path)}</a></p></section>')


def _trouble(data: ReportData) -> str:
    lines = [("", text) for text in data.troubles]
    reasons = {standing.node: standing.text for standing in _nodes(data) if standing.state in ("failed", "blocked")}
    reasons |= data.outcome.problems if data.outcome else {}
    lines += [(called(node), reason) for node, reason in sorted(reasons.items(), key=lambda item: in_order(item[0]))]
    lines += [(called(standing.node), f"stale: {standing.stale}") for standing in _nodes(data) if standing.stale]
    lines += [(called(node), text) for node, text in (data.last.notes if data.last else [])]
    if not lines:
        return ""
    alike: dict[str, list[str]] = {}
    for who, text in lines:
        alike.setdefault(text, []).extend([who] if who else [])
    items = "".join(f"<li>{f'<b>{esc(_listed(names))}</b> ' if names else ''}{esc(text)}</li>" for text, names in alike.items())
    return f'<section class="trouble" aria-labelledby="trouble"><h2 id="trouble">Worth knowing</h2><ul>{items}</ul></section>'


def _listed(names: Sequence[str]) -> str:
    """Each once, and of many how many more there are."""
    each = list(dict.fromkeys(names))
    return ", ".join(each[:MOST_LISTED]) + (f" and {len(each) - MOST_LISTED} more" if len(each) > MOST_LISTED else "")


def _nodes(data: ReportData) -> list[Standing]:
    return data.last.nodes() if data.last else []


def _results(data: ReportData) -> str:
    made = (node for node in data.shown if not node.startswith("plan "))  # answers of a language model: Money has them
    names = dict.fromkeys([*(standing.node for standing in _nodes(data)), *made])
    nodes = sorted(names, key=in_order)
    if not nodes:
        return ""
    rows = "".join(_result(data, node) for node in nodes)
    tally = Counter(standing.state for standing in _nodes(data) if standing.group in ("keyframe", "clip"))
    said = ", ".join(f"{tally[state]} {state}" for state in ENDED if tally[state])
    lede = f'<p class="lede">Keyframes and segments of the last run: {said}.</p>' if said else ""
    heads = "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in (
        ("What", ""), ("Last run", ""), ("By", ""), ("Take", ' class="n"'), ("Work", ' class="n"'), ("When", ""), ("Why", "")))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return (f'<section aria-labelledby="results"><h2 id="results">What was made</h2>{lede}'
            f'<div class="scroll" tabindex="0" role="region" aria-labelledby="results">{table}</div></section>')


def _result(data: ReportData, node: str) -> str:
    standing = data.last.node(node) if data.last else None
    artifact = data.shown.get(node)
    state = standing.state if standing else "made" if artifact else "planned"
    word = SAID[state] if standing else "not part of it"
    by = by_whom(artifact) if artifact else standing.by if standing else ""
    several = data.takes.get(node, 0)
    take = f"{artifact.take}" + (f" ({several} kept)" if several > 1 else "") if artifact else ""
    seconds = artifact.seconds_spent if artifact else standing.seconds(standing.started_at or 0.0) if standing else 0.0
    why = (standing.why if state == "made" else standing.text) if standing else ""
    cells = (("td", "", f'<span class="state {state}">{esc(word)}</span>'), ("td", "", esc(by)), ("td", "n", esc(take)),
             ("td", "n", lasted(seconds) if seconds else ""), ("td", "when", clock(artifact.made_at if artifact else None)),
             ("td", "why", esc(why)))
    return f'<tr><th scope="row">{esc(called(node))}</th>' + "".join(
        f'<{tag}{f" class={kind!r}" if kind else ""}>{inside}</{tag}>' for tag, kind, inside in cells) + "</tr>"


def _config(config: Mapping[str, Any]) -> str:
    rows = "".join(f'<tr><th scope="row">{esc(key)}</th><td dir="auto">{esc(value)}</td></tr>' for key, value in flat(config))
    if not rows:
        return ""
    return (f'<section aria-labelledby="config"><h2 id="config">Settings</h2><details><summary>The configuration of this film'
            f'</summary><div class="scroll"><table class="config"><tbody>{rows}</tbody></table></div></details></section>')


def flat(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(`a.b.c`, value) for every leaf, in the order given."""
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _leaf(value)


def _leaf(value: Any) -> str:
    if value in (None, "", {}, []):
        return "not set"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _foot(data: ReportData) -> str:
    return (f"<footer><p>Written {clock(data.written_at)} from the run folder <b>{esc(data.folder)}</b>. "
            f"Pictures are inside this page; the film and the clips are the files beside it.</p></footer>")
