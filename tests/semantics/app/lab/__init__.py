"""A laboratory: tables of every shape, on which the data layer's laws are tried."""
