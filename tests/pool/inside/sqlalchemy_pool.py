"""A plugin of pytest: SQLAlchemy's tests make its pool for asyncio where they ask for QueuePool."""

from sqlalchemy import pool

pool.QueuePool = pool.AsyncAdaptedQueuePool
