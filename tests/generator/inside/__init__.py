"""Run in processes of their own, which end badly."""
