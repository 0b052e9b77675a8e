"""/api/accounts and /api/transfers: for the owners of accounts"""

from fastapi import HTTPException, Response

from ...core.db import Key, Page
from ...core.web import PageNumber, PageOf, PerPage, Router, SessionDep, page_answer, problems
from ..users.access import CurrentUser
from . import queries
from .models import Transfer
from .schemas import AccountCreate, AccountRead, TransferCreate, TransferRead
from .service import InsufficientFunds, transfer

router = Router(tags=["ledger"], retry=10)


@router.post("/accounts", status_code=201, responses=problems(401, 403))
async def create_account(user: CurrentUser, data: AccountCreate) -> AccountRead:
    return await queries.add_account.one(**data.model_dump(), owner_id=user.id)


@router.get("/accounts", response_model=PageOf[AccountRead], responses=problems(401))
async def list_accounts(
    user: CurrentUser, page: PageNumber = 1, per_page: PerPage = 20
) -> Response | Page[AccountRead]:
    return await page_answer(queries.accounts, page=page, per_page=per_page, owner=user.id)


@router.get("/accounts/{id}", responses=problems(401, 404))
async def read_account(user: CurrentUser, id: Key) -> AccountRead:
    return await queries.account.one(id=id, owner=user.id)


@router.post(
    "/transfers",
    response_model=TransferRead,
    status_code=201,
    responses=problems(401, 403, 404, 409),
)
async def create_transfer(user: CurrentUser, data: TransferCreate, session: SessionDep) -> Transfer:
    """Move money to any account."""
    try:
        return await transfer(session, data, owner=user.id)
    except InsufficientFunds:
        raise HTTPException(409, "The account holds less than the amount.") from None
