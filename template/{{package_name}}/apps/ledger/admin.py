"""The admin's pages of the ledger. Money moves only by transfers of the API: nothing is written here."""

from starlette.requests import Request

from ...core.admin import ModelAdmin
from .models import Account, Transfer


class ReadOnlyAdmin(ModelAdmin):
    """A model that staff read."""

    def can_create(self, request: Request) -> bool:
        return False

    def can_edit(self, request: Request) -> bool:
        return False

    def can_delete(self, request: Request) -> bool:
        return False


class AccountAdmin(ReadOnlyAdmin):
    model = Account


class TransferAdmin(ReadOnlyAdmin):
    model = Transfer
