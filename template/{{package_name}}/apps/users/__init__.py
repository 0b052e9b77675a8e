"""The users of this service: their accounts, sessions and rights."""
