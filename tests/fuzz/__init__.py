"""The example asked all that its OpenAPI document allows, and much that it does not."""
