"""Users, their sessions and their keys, in memory, bounded; what the auth gateway keeps."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

_MOST = 1000


@dataclass(slots=True)
class Account:
    """One user; ``password`` is salt and digest."""

    id: str
    email: str
    salt: bytes
    password: bytes
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """What may be told to the user's own browser."""
        return {"id": self.id, "email": self.email, "role": "authenticated"}


class Accounts:
    """The accounts by id; the oldest goes when there are more than a thousand."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Account] = OrderedDict()
        self._refresh: OrderedDict[str, str] = OrderedDict()

    def register(self, email: str, password: str) -> Account | None:
        """A new account, or None where the address is taken."""
        if self._find(email) is not None:
            return None
        salt = secrets.token_bytes(16)
        account = Account(str(uuid.uuid4()), email, salt, _digest(salt, password))
        self._keep(account)
        return account

    def login(self, email: str, password: str) -> Account | None:
        """The account, if the password is its own."""
        account = self._find(email)
        if account is None:
            return None
        given = _digest(account.salt, password)
        return account if hmac.compare_digest(given, account.password) else None

    def known(self, subject: str, email: str = "") -> Account:
        """The account of a subject somebody else vouches for; made where it is new."""
        account = self._by_id.get(subject)
        if account is None:
            account = Account(subject, email, b"", secrets.token_bytes(32))
            self._keep(account)
        return account

    def open_session(self, account: Account, platform: str) -> str:
        """Opens a session and gives its refresh token, good for one use."""
        session_id = secrets.token_hex(8)
        session = {"id": session_id, "platform": platform, "created_at": _now()}
        account.sessions[session_id] = session
        token = secrets.token_urlsafe(32)
        self._refresh[token] = account.id
        if len(self._refresh) > _MOST:
            self._refresh.popitem(last=False)
        return token

    def redeem(self, refresh_token: str) -> Account | None:
        """The account of a refresh token, which is spent by this."""
        return self._by_id.get(self._refresh.pop(refresh_token, ""))

    def add_key(self, account: Account, name: str) -> dict[str, Any]:
        """A new API key; its value is in this answer only."""
        key_id = secrets.token_hex(8)
        key = {"id": key_id, "name": name, "created_at": _now(), "is_active": True}
        account.keys[key_id] = key
        return {**key, "key": f"sk_live_{secrets.token_urlsafe(32)}"}

    def _find(self, email: str) -> Account | None:
        return next((one for one in self._by_id.values() if one.email == email), None)

    def _keep(self, account: Account) -> None:
        self._by_id[account.id] = account
        if len(self._by_id) > _MOST:
            self._by_id.popitem(last=False)


def _digest(salt: bytes, password: str) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)


def _now() -> int:
    return int(time.time())
