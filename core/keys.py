"""The key file: four named keys outside the database and outside its backups.

wrap seals the data keys, index makes the blind index of phones and addresses, names hides the names of stored blobs, audit
seals the audit chain. A lost key file costs the identities, never the complaint: working texts are plain.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import current_app

from core.errors import CannotStart

KEY_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """All keys; `wrap` may have older versions, each under its id, until `keys drop-old`."""

    wrap_id: str
    wrap: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)
    names: bytes = field(repr=False)
    audit: bytes = field(repr=False)

    def check_value(self) -> str:
        """A value for the database that tells whether this is the key file it was filled with."""
        material = b"".join((self.index, self.names, self.audit))
        return hmac.new(material, b"key check", hashlib.sha256).hexdigest()[:32]

    def blind_index(self, kind: str, normalised: str) -> str:
        """The keyed hash by which an equal phone number or address is found again, without storing it."""
        return hmac.new(self.index, f"{kind}|{normalised}".encode(), hashlib.sha256).hexdigest()


def keys_in_use() -> Keys:
    """The keys of the running application; CannotStart before `init` has made them."""
    keys: Keys | None = current_app.extensions.get("keys")
    if keys is None:
        raise CannotStart("系统还没有初始化（没有密钥文件）。请先运行：flask --app app init")
    return keys


def make_keys() -> Keys:
    """New keys from the system's source of randomness."""
    wrap_id = secrets.token_hex(4)
    return Keys(
        wrap_id=wrap_id,
        wrap={wrap_id: secrets.token_bytes(KEY_BYTES)},
        index=secrets.token_bytes(KEY_BYTES),
        names=secrets.token_bytes(KEY_BYTES),
        audit=secrets.token_bytes(KEY_BYTES),
    )


def save_keys(keys: Keys, path: Path) -> None:
    """Writes a new key file that only its owner can read; never overwrites one."""
    write_secret_file(path, _as_text(keys))


def replace_keys(keys: Keys, path: Path) -> None:
    """Puts another key file in the place of the present one, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_secret_file(temporary, _as_text(keys))
    temporary.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def with_new_wrap(keys: Keys) -> Keys:
    """The same keys with a new wrapping key in use; the older ones still open what they sealed."""
    wrap_id = secrets.token_hex(4)
    return replace(keys, wrap_id=wrap_id, wrap={**keys.wrap, wrap_id: secrets.token_bytes(KEY_BYTES)})


def with_present_wrap_only(keys: Keys) -> Keys:
    """The same keys without the older wrapping keys."""
    return replace(keys, wrap={keys.wrap_id: keys.wrap[keys.wrap_id]})


def _as_text(keys: Keys) -> str:
    content = {
        "wrap_id": keys.wrap_id,
        "wrap": {key_id: _text(key) for key_id, key in keys.wrap.items()},
        "index": _text(keys.index),
        "names": _text(keys.names),
        "audit": _text(keys.audit),
    }
    return json.dumps(content, indent=1) + "\n"


def write_secret_file(path: Path, text: str) -> None:
    """Makes a file with mode 0600 and syncs it to the disk; FileExistsError if it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def load_keys(path: Path) -> Keys:
    """Reads the key file; refuses one that others may read or that is damaged."""
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CannotStart(f"密钥文件 {path} 其他用户也能读，系统不启动。请执行：chmod 600 {path}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        keys = Keys(
            wrap_id=content["wrap_id"],
            wrap={key_id: _key(text) for key_id, text in content["wrap"].items()},
            index=_key(content["index"]),
            names=_key(content["names"]),
            audit=_key(content["audit"]),
        )
        _ = keys.wrap[keys.wrap_id]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotStart(f"密钥文件 {path} 已损坏，无法读取。请用封存的副本恢复它。") from error
    return keys


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key of the wrong length")
    return key
