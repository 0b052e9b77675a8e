"""A team that reads `core` has this much to read, and no more."""

from pathlib import Path

from .budgets import budgets


def test_no_budget_is_exceeded(default: Path) -> None:
    exceeded = [budget for budget in budgets(default) if budget.lines > budget.most]
    assert exceeded == []
