"""/api/accounts and /api/transfers"""

from functools import partial

from fastapi import HTTPException

from ...core.db import Key, Page, retry_on_conflict
from ...core.web import PageNumber, PageOf, PerPage, Router, SessionDep, problems
from .models import Account, Transfer
from .repository import AccountRepository
from .schemas import AccountCreate, AccountRead, TransferCreate, TransferRead
from .service import InsufficientFunds, transfer

router = Router(tags=["ledger"])


@router.post("/accounts", response_model=AccountRead, status_code=201)
async def create_account(data: AccountCreate, session: SessionDep) -> Account:
    return await AccountRepository(session).add(Account(**data.model_dump()))


@router.get("/accounts", response_model=PageOf[AccountRead])
async def list_accounts(
    session: SessionDep, page: PageNumber = 1, per_page: PerPage = 20
) -> Page[Account]:
    return await AccountRepository(session).page(page=page, per_page=per_page)


@router.get("/accounts/{key}", response_model=AccountRead)
async def read_account(key: Key, session: SessionDep) -> Account:
    return await AccountRepository(session).get_one(key)


@router.post(
    "/transfers", response_model=TransferRead, status_code=201, responses=problems(404, 409)
)
async def create_transfer(data: TransferCreate) -> Transfer:
    """Move money. The unit of work is run again when another one was in its way."""
    try:
        return await retry_on_conflict(partial(transfer, data=data))
    except InsufficientFunds:
        raise HTTPException(409, "The account has less than the amount.") from None
