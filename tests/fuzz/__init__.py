"""Fuzzing of the example: requests that its OpenAPI document allows, and many that it does not."""
