from alembic import op


def upgrade() -> None:
    op.execute("CREATE SEQUENCE invoice_numbers START WITH 1000")


def downgrade() -> None:
    op.execute("DROP SEQUENCE invoice_numbers")
