"""The code in `core` stays within its line budgets, so that a team can read it."""

from pathlib import Path

from .budgets import budgets


def test_no_budget_is_exceeded(without: Path, default: Path) -> None:
    exceeded = [budget for budget in budgets(without, default) if budget.lines > budget.most]
    assert exceeded == []
