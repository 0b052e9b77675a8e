from alembic import op


def upgrade() -> None:
    op.execute(
        "CREATE VIEW book_counts AS SELECT author_id, count(*) AS books FROM books "
        "WHERE deleted_at IS NULL GROUP BY author_id"
    )


def downgrade() -> None:
    op.execute("DROP VIEW book_counts")
