"""A letter with files as it is received: headers, threading, text, names; read by our own reader and by the library."""

from __future__ import annotations

import email
import io
import zipfile
from email import policy

import pytest

from core.blobs import blob_store
from core.db import transaction
from mail_ingest.reading.read import read_mail
from outbox.enclosing import safe_name
from outbox.verbs import OutgoingFile, enqueue
from outbox.vocabulary import OutboxKind
from tests.outbox.desk import MIDDLE, PARENT, Desk
from tests.outbox.mail_server import MailServer

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NAME = "关于课后服务退费情况的答复（附退费清单）.docx"
TEXT = "您好：\n\n您反映的事项已经核查办理，现答复如下。\n.\n请看附件。\n"


def a_docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("word/document.xml", "<w:document>退费清单</w:document>" * 200)
    return packed.getvalue()


def test_a_chinese_letter_with_a_docx_and_a_chinese_name(desk: Desk, server: MailServer) -> None:
    content = a_docx()
    with desk.app.app_context(), transaction() as session:
        blob = blob_store().put(content)
        row = enqueue(
            session,
            OutboxKind.ANSWER,
            dedupe="letter",
            object_ref="another thing",
            sender=MIDDLE,
            recipient=PARENT,
            subject="答复〔编号 ZJ20261123-0007〕",
            body=TEXT,
            headers={"In-Reply-To": "<first@home.example>", "References": "<first@home.example>"},
            files=[OutgoingFile(name=NAME, content_type=DOCX, size=len(content), blob=blob.name)],
        )
        assert row is not None
        message_id = row.message_id
        assert NAME.encode() not in row.body_sealed
    assert desk.send().sent == 1

    (raw,) = server.raw
    head = raw.split(b"\r\n\r\n", 1)[0].decode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "a line of a mail"
    assert "In-Reply-To: <first@home.example>\r\nReferences: <first@home.example>\r\n" in head
    assert "From: =?utf-8?" in head
    assert f"<{MIDDLE}>" in head
    assert head.count("MIME-Version") == 1
    assert b"filename*=UTF-8''%E5%85%B3%E4%BA%8E" in raw
    assert b'name="=?utf-8?b?' in raw, "for programs that know no RFC 2231"

    new = email.message_from_bytes(raw, policy=policy.default)
    assert (new["Subject"], new["Message-ID"]) == ("答复〔编号 ZJ20261123-0007〕", message_id)
    assert new.get_content_type() == "multipart/mixed"
    assert not new.defects
    body = new.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == TEXT
    (file,) = new.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == (NAME, DOCX)
    assert file.get_content() == content
    old = email.message_from_bytes(raw)
    assert [part.get_filename() for part in old.walk() if part.get_filename()]

    ours = read_mail(raw)
    assert ours.text.strip() == TEXT.strip()
    assert ours.message_id == message_id
    assert ours.references == ("<first@home.example>",)
    (attachment,) = ours.attachments
    assert (attachment.filename, attachment.content_type, attachment.content) == (NAME, DOCX, content)


def test_a_file_that_is_gone_fails_its_letter_and_holds_up_nobody(desk: Desk, server: MailServer) -> None:
    with desk.app.app_context(), transaction() as session:
        row = enqueue(
            session,
            OutboxKind.ANSWER,
            dedupe="letter",
            object_ref="another thing",
            sender=MIDDLE,
            recipient=PARENT,
            subject="答复",
            body=TEXT,
            files=[OutgoingFile(name="a.txt", content_type="text/plain", size=1, blob="0" * 64)],
        )
        assert row is not None
    desk.put()

    assert (desk.send().failed, len(server.mails)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("退费清单.docx", "退费清单.docx"),
        ("../../etc/passwd", "etc_passwd"),
        ('a"\r\nBcc: x@y.example.docx', "a_Bcc_ x@y.example.docx"),
        ("\u202egpj.docx", "gpj.docx"),
        ("", "附件"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_no_name_is_a_path_or_a_header(name: str, sent: str) -> None:
    assert safe_name(name) == sent
