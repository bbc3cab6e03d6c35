"""What our programs sign says when it was signed: a key may count for some time only."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime

from liftgate.domain.common.value import Value


class SignedValue(Value):
    @property
    @abstractmethod
    def signed_at(self) -> datetime:
        """When it was signed, as it says."""
