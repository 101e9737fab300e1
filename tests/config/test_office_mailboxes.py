"""[[mailboxes]] of office.toml: what each wrong value is answered with."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from config.settings import Settings
from tests.config.a_office import MAILBOX, OFFICE, environment, problems_of


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ('address = "box@example.com"', 'address = "box"', "address 应是邮箱地址，如 zjg23236764@163.com，现在是「box」。"),
        ('address = "box@example.com"', 'adress = "box@example.com"', "没有名为「adress」的配置项，是不是想写 address？"),
        ('section = "zhongjiao"', 'section = "zhongjia"', "不是 [[sections]] 里的股室代号（slug），是不是想写 zhongjiao？"),
        ('host = "imap.example.com"', 'host = "imap.example.com:993"', "host 应是主机名或 IP 地址，不带 http:// 和端口"),
        ('host = "imap.example.com"', 'host = "imap.163.com"\ntls = false', "tls = false 只能用于本机"),
        ("port = 993", "port = 99999", "port 应在 1 到 65535 之间"),
        ("port = 993", 'port = "九九三"', "port 应是不带引号的整数，现在是「九九三」。"),
        ("port = 993", "", "[[mailboxes]] 缺少必填项 port。"),
        ('host = "imap.example.com"\nport = 993', 'host = "imap.163.com"\nport = 143', "port 应是 993（imap.163.com 的加密端口），现在是 143。"),
        ("port = 993", 'port = 993\nca_file = "no.pem"', "ca_file「no.pem」不存在，或不是 PEM 格式的证书文件"),
        ("port = 993", 'port = 993\nca_file = "office.toml"', "ca_file「office.toml」不存在，或不是 PEM"),
        ("port = 993", 'port = 993\nfolders = "INBOX"', "folders 应写成列表"),
        ("port = 993", "port = 993\nfolders = []", 'folders 应是 "auto"，或至少写一个文件夹'),
        ("port = 993", 'port = 993\nintake_from = "去年"', "intake_from 应是 1970 到 2100 年间的日期"),
        ("port = 993", "port = 993\nusername = 1", "username 应写成带引号的文字"),
        ("port = 993", 'port = 993\n[mailboxes.smtp]\nhost = "smtp.163.com"\nport = 25', "[mailboxes.smtp] port 应是 465 或 994"),
        ("port = 993", "port = 993\n[mailboxes.smtp]\nport = 465", "[mailboxes.smtp] 缺少必填项 host。"),
        ("port = 993", 'port = 993\n[mailboxes.smtp]\nhost = "a.example"\nport = 465\nauth = 1', "auth 应是 true 或 false"),
        ("port = 993", 'port = 993\n[smtp]\nfrom = "a"\nhost = "a.example"\nport = 465', "[smtp] from 应是邮箱地址"),
    ],
)  # fmt: skip
def test_a_wrong_mailbox_is_answered_in_one_sentence(
    tmp_path: Path, right: str, wrong: str, sentence: str
) -> None:
    problems = problems_of(environment(tmp_path, OFFICE + MAILBOX.replace(right, wrong)))

    assert sentence in "\n".join(problems)
    assert len(problems) == (2 if "adress" in wrong else 1)  # a misspelt key is also a missing one


def test_a_mailbox_is_written_once(tmp_path: Path) -> None:
    [problem] = problems_of(
        environment(tmp_path, OFFICE + MAILBOX + MAILBOX.replace("box@example.com", "BOX@example.com"))
    )

    assert "address「box@example.com」写了两次" in problem


def test_an_open_mailbox_cannot_belong_to_a_closed_section(tmp_path: Path) -> None:
    text = OFFICE.replace('slug = "zhongjiao"', 'slug = "zhongjiao"\nclosed = true') + MAILBOX

    [problem] = problems_of(environment(tmp_path, text))
    assert "section「zhongjiao」已停用" in problem
    assert (
        Settings.from_environment(environment(tmp_path, text + "closed = true\n")).office.open_mailboxes == ()
    )


def test_a_poll_every_second_is_for_servers_on_this_machine_only(tmp_path: Path) -> None:
    local = MAILBOX.replace("imap.example.com", "127.0.0.1")
    fast = "[mail]\npoll_seconds = 1\n"

    assert (
        Settings.from_environment(environment(tmp_path, OFFICE + local + fast)).office.mail.poll_seconds == 1
    )
    both = local + MAILBOX.replace("box@", "other@")
    assert "应在 60 到 3600 之间" in problems_of(environment(tmp_path, OFFICE + both + fast))[0]


def test_no_pause_between_mails_is_for_servers_on_this_machine_only(tmp_path: Path) -> None:
    no_pause = "[outbox]\nseconds_between = 0\n"
    sending = '[mailboxes.smtp]\nhost = "127.0.0.1"\nport = 1025\ntls = false\n'
    outside = '[smtp]\nfrom = "a@example.com"\nhost = "smtp.example.com"\nport = 465\n'

    local = Settings.from_environment(environment(tmp_path, OFFICE + MAILBOX + sending + no_pause))
    assert local.office.outbox.seconds_between == 0
    [problem] = problems_of(environment(tmp_path, OFFICE + MAILBOX + sending + outside + no_pause))
    assert "seconds_between 应在 1 到 3600 之间（发得太快会被当作垃圾邮件）" in problem


def test_a_root_certificate_is_found_beside_the_file(tmp_path: Path) -> None:
    authority = ssl.get_default_verify_paths().cafile
    if authority is None or not Path(authority).is_file():
        pytest.skip("this machine has no file of root certificates")
    (tmp_path / "root.pem").write_bytes(Path(authority).read_bytes())

    office = Settings.from_environment(
        environment(tmp_path, OFFICE + MAILBOX + 'ca_file = "root.pem"\n')
    ).office

    assert office.mailboxes[0].ca_file == tmp_path / "root.pem"
