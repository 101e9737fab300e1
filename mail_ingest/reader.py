"""The reader child: mails of strangers come in on stdin, what they say goes out on stdout.

It is started with nothing worth stealing: no key, no database, no setting. Frames in: four bytes length (big endian),
the mail. Frames out: four bytes length, a JSON head, then the contents of the attachments in the order of the head.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import BinaryIO

from mail_ingest.reading import read_mail
from mail_ingest.reading.wire import to_head

CPU_SECONDS = 10
MEMORY_BYTES = 768 * 1024 * 1024

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit there
    resource = None  # type: ignore[assignment] # the module is absent, which is what None says


def main() -> None:
    _limit_memory()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (raw := _next_mail(source)) is not None:
        _limit_cpu()
        mail = read_mail(raw)
        head = json.dumps(to_head(mail), ensure_ascii=True, separators=(",", ":")).encode("ascii")
        sink.write(struct.pack(">I", len(head)) + head)
        for attachment in mail.attachments:
            sink.write(attachment.content)
        sink.flush()


def _next_mail(source: BinaryIO) -> bytes | None:
    prefix = source.read(4)
    if len(prefix) < 4:
        return None
    (length,) = struct.unpack(">I", prefix)
    raw = source.read(length)
    return raw if len(raw) == length else None


def _limit_memory() -> None:
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the mail


def _limit_cpu() -> None:
    """Ten seconds more than were used for the mails before."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))


if __name__ == "__main__":
    main()
