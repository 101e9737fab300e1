"""163.com's rules: LOGIN, then ID, then EXAMINE, on every connection; nothing is ever written."""

from __future__ import annotations

import re

import pytest

from mail_ingest.folders import FolderRole, watched
from mail_ingest.imap_mailbox import check, open_mailbox
from mail_ingest.mailbox import FetchedMail, Mailbox, MailboxUnavailable
from tests.mailbox.scripted import PASSWORD, USER, WIRE_JUNK, HangUp, ScriptedServer, Session, a_mail

WRITING = re.compile(
    rb"\b(SELECT|STORE|COPY|MOVE|EXPUNGE|APPEND|CREATE|DELETE|RENAME|SUBSCRIBE|UNSUBSCRIBE|CLOSE|SETACL)\b|BODY\[",
    re.IGNORECASE,
)


def test_a_whole_poll_says_exactly_this_and_in_this_order() -> None:
    with (
        ScriptedServer(mails={1446555803: a_mail()}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        mailbox.folders()
        mailbox.open_folder("INBOX")
        [mail] = mailbox.fetch(mailbox.uids())

    assert isinstance(mail, FetchedMail)
    assert server.commands == [
        b"CAPABILITY",
        b'LOGIN %s "%s"' % (USER.encode(), PASSWORD.encode()),
        b'ID ("name" "complaint-intake" "version" "1.0" "vendor" "education-bureau" "support-email" "%s")'
        % USER.encode(),
        b'LIST "" "*"',
        b'EXAMINE "INBOX"',
        b"UID SEARCH ALL",
        b"UID FETCH 1446555803 (UID RFC822.SIZE INTERNALDATE)",
        b"UID FETCH 1446555803 (UID BODY.PEEK[])",
        b"LOGOUT",
    ]


def test_no_command_of_any_kind_writes() -> None:
    large = b"Subject: large\r\n\r\n" + b"x" * 9_000_000
    with ScriptedServer(mails={1: a_mail(), 2: large}) as server:
        with open_mailbox(server.settings()) as mailbox:
            for folder in watched(mailbox.folders()):
                mailbox.open_folder(folder.name)
                list(mailbox.fetch(mailbox.uids()))
                list(mailbox.fetch_headers(mailbox.uids()))
        check(server.settings())

    assert [command for command in server.commands if WRITING.search(command)] == []
    assert not any(
        command.endswith(b" ") for command in server.commands
    )  # 163.com: "BAD Request not ending with"


def test_id_is_sent_on_every_connection() -> None:
    with ScriptedServer() as server:
        for _ in range(2):
            with open_mailbox(server.settings()) as mailbox:
                mailbox.open_folder("INBOX")

    assert server.verbs == ["CAPABILITY", "LOGIN", "ID", "EXAMINE", "LOGOUT"] * 2


def test_id_is_sent_even_if_the_server_does_not_list_it() -> None:
    def lists_little(session: Session, tag: bytes, command: bytes) -> None:
        session.say(b"* CAPABILITY IMAP4rev1", tag + b" OK done")

    with (
        ScriptedServer(answers={"CAPABILITY": lists_little}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        assert mailbox.open_folder("INBOX").exists == 0

    assert server.verbs[:4] == ["CAPABILITY", "LOGIN", "ID", "EXAMINE"]


def test_a_server_that_does_not_know_id_is_read_all_the_same() -> None:
    def unknown(session: Session, tag: bytes, command: bytes) -> None:
        session.say(tag + b" BAD Unknown command")

    with (
        ScriptedServer(answers={"ID": unknown}, needs_id=False) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        assert mailbox.open_folder("INBOX").uidvalidity == 1


def test_unsafe_login_is_answered_with_id_once_more() -> None:
    refusals = [True]

    def forgetful(session: Session, tag: bytes, command: bytes) -> None:
        if refusals:
            refusals.pop()
            session.say(tag + b" NO SELECT Unsafe Login. Please contact kefu@188.com for help")
        else:
            session.say(b"* 7 EXISTS", tag + b" OK [READ-ONLY] done")

    with (
        ScriptedServer(answers={"EXAMINE": forgetful}) as server,
        open_mailbox(server.settings()) as mailbox,
    ):
        assert mailbox.open_folder("INBOX").exists == 7

    assert server.verbs == ["CAPABILITY", "LOGIN", "ID", "EXAMINE", "ID", "EXAMINE", "LOGOUT"]


@pytest.mark.parametrize("way", ["no", "bye"])
def test_unsafe_login_says_that_the_password_is_right(way: str) -> None:
    def refuse(session: Session, tag: bytes, command: bytes) -> None:
        if way == "bye":
            session.say(b"* BYE Unsafe Login. Please contact kefu@188.com for help")
            raise HangUp
        session.say(tag + b" NO EXAMINE Unsafe Login. Please contact kefu@188.com for help")

    with (
        ScriptedServer(answers={"EXAMINE": refuse}) as server,
        pytest.raises(MailboxUnavailable) as trouble,
        open_mailbox(server.settings()) as mailbox,
    ):
        mailbox.open_folder("INBOX")

    assert trouble.value.code == "unsafe_login"
    assert "密码没有错，请不要修改密码" in trouble.value.message


def test_folders_have_the_names_people_read_and_are_opened_under_the_servers_name() -> None:
    with ScriptedServer() as server, open_mailbox(server.settings()) as mailbox:
        folders = mailbox.folders()
        mailbox.open_folder("垃圾邮件")

    assert [(folder.name, folder.role) for folder in folders] == [
        ("INBOX", FolderRole.INBOX),
        ("草稿箱", FolderRole.DRAFTS),
        ("已发送", FolderRole.SENT),
        ("已删除", FolderRole.TRASH),
        ("垃圾邮件", FolderRole.JUNK),
        ("病毒文件夹", FolderRole.VIRUS),
        ("广告邮件", FolderRole.JUNK),
    ]
    assert b'EXAMINE "%s"' % WIRE_JUNK in server.commands


def test_a_folder_can_be_opened_by_name_without_listing() -> None:
    with ScriptedServer() as server, open_mailbox(server.settings()) as mailbox:
        mailbox.open_folder("垃圾邮件")

    assert b'EXAMINE "%s"' % WIRE_JUNK in server.commands


def test_missing_uidvalidity_and_uidnext_are_no_trouble() -> None:
    def sparse(session: Session, tag: bytes, command: bytes) -> None:
        session.say(b"* 3 EXISTS", tag + b" OK [READ-ONLY] done")

    with ScriptedServer(answers={"EXAMINE": sparse}) as server:
        mailbox: Mailbox
        with open_mailbox(server.settings()) as mailbox:
            opened = mailbox.open_folder("INBOX")

    assert (opened.uidvalidity, opened.exists, opened.uidnext) == (0, 3, None)


def test_check_tells_folders_and_count() -> None:
    with ScriptedServer(mails={5: a_mail(), 9: a_mail()}) as server:
        result = check(server.settings())

    assert (result.ok, result.code, result.inbox_mails) == (True, "ok", 2)
    assert result.message == "连接正常，收件箱里有 2 封邮件。"
    assert "垃圾邮件" in [folder.name for folder in result.folders]
