"""The words that may stand in office.toml, each beside its Chinese name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STAGES: Mapping[str, str] = MappingProxyType(
    {
        "kindergarten": "幼儿园",
        "primary": "小学",
        "junior": "初中",
        "senior": "高中",
        "vocational": "中职",
    }
)

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "clerk": "接听登记",
        "handler": "经办人",
        "head": "股室负责人",
        "leader": "分管领导",
        "supervisor": "纪检监督",
        "admin": "系统管理员",
    }
)

REPORT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "weekly": "周报",
        "monthly": "月报",
        "quarterly": "季报",
        "annual": "年报",
    }
)
