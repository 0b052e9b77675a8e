"""The rules of the house: budgets of lines, layers of imports, the drivers' protocol, commands."""
