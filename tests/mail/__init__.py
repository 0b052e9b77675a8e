"""Tests of mail and webhooks: a rendered project talks to real SMTP and HTTP servers."""
