"""Statements: values that one of our programs signed, stored where anyone may write (in Prefect, in Git)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.signed_value import SignedValue
from liftgate.domain.common.canonical import canonical
from liftgate.domain.json_text.bounded_json import loads

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import SigningKey


class Statement(SignedValue):
    """The class name is part of what is signed: a statement of one kind is never read as another."""


S = TypeVar("S", bound=Statement)


def signable(statement: Statement) -> bytes:
    return canonical({"kind": type(statement).__name__.lower()} | statement.model_dump(mode="json"))


def sign_statement(statement: Statement, key: SigningKey, namespace: str) -> str:
    """The statement and its signature, as they are stored."""
    signed = signature.sign(signable(statement), key, namespace)
    return json.dumps({"statement": statement.model_dump(mode="json"), "signature": signed})


def read_statement(text: str, kind: type[S], namespace: str, signers: tuple[Signer, ...]) -> S | None:
    """The stored statement; None if it is of another kind, or no signer signed it who was allowed to then."""
    try:
        document = loads(text)
        statement = kind.model_validate(document["statement"])
        signed = str(document["signature"])
    except (ValueError, KeyError, TypeError):
        return None
    said = signable(statement)
    return statement if signature.signer_of(said, signed, namespace, signers, statement.signed_at) else None
