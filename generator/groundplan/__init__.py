"""Groundplan: start a FastAPI service on SQLAlchemy, and keep it current."""
