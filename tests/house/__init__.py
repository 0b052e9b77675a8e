"""The rules of the house: budgets of lines, layers of imports, public names, the drivers' protocol."""
