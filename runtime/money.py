"""How an amount of money is said. Counts nothing and converts nothing."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

CENT, SMALLEST = Decimal("0.01"), Decimal("0.0001")


def dollars(usd: Decimal | None) -> str:
    """`$1.25`; `$0.0375` where cents do not tell it all, at most four places, never rounded down; `unknown` for None."""
    if usd is None:
        return "unknown"
    exact = usd.quantize(SMALLEST, ROUND_CEILING)
    cents = exact.quantize(CENT, ROUND_CEILING)
    return f"${cents if cents == exact else exact.normalize():f}"
