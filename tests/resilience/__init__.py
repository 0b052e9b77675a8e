"""Tests of behaviour under load, kills and outages, on served projects and real databases."""
