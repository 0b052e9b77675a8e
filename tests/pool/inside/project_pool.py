"""A plugin of pytest: SQLAlchemy's tests make the project's pool where they ask for QueuePool."""

from my_service.core.db.pool import Pool
from sqlalchemy import pool

pool.QueuePool = Pool
