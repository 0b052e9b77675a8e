"""The peers. Each serves the same users from the same table, written as its documentation recommends."""
