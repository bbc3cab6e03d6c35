"""`.sops.yaml` as text: YAML is read as data only."""

from __future__ import annotations

from liftgate.domain.secrets import sops_config
from liftgate.domain.secrets.sops_config import FILE, SopsConfig
from liftgate.errors import Misconfigured

_MAX = 256 * 1024


def read_sops_yaml(data: bytes) -> SopsConfig:
    """Raises Misconfigured with the place of the first mistake."""
    import yaml

    if len(data) > _MAX:
        raise Misconfigured(f"{FILE}: larger than {_MAX // 1024} KiB")
    try:
        value = yaml.safe_load(data)
    except yaml.MarkedYAMLError as error:
        place = f"{error.problem_mark.line + 1}:{error.problem_mark.column + 1}: " if error.problem_mark else ""
        raise Misconfigured(f"{FILE}:{place or ' '}{error.problem or 'no YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise Misconfigured(f"{FILE}: no YAML") from None
    return sops_config.read_sops_config(value)
