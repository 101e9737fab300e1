"""office.toml: what is read from it, and what each wrong value is answered with."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from accounts.vocabulary import Role
from config.office import SeasonSettings, differences
from config.problems import SettingsError
from config.settings import Settings
from config.vocabulary import ROLES, STAGES
from tests.config.a_office import MAILBOX, OFFICE, environment, line_of, problems_of, shipped_office
from tickets.vocabulary import Stage


def test_the_shipped_file_is_the_bureau_of_the_notice() -> None:
    office = Settings.from_environment({}).office

    assert office.name == "安溪县教育局"
    assert [
        (section.slug, section.name, section.number_prefix, section.phone) for section in office.sections
    ] == [
        ("zhongjiao", "中教股", "ZJ", "23236764"),
        ("chuyoujiao", "初幼教股", "CY", "23220785"),
    ]
    assert [(box.address, box.section, box.host, box.port, box.tls) for box in office.mailboxes] == [
        ("zjg23236764@163.com", "zhongjiao", "imap.163.com", 993, True),
        ("chuyoujiao@163.com", "chuyoujiao", "imap.163.com", 993, True),
    ]
    assert {(box.smtp.host, box.smtp.port) for box in office.mailboxes if box.smtp} == {("smtp.163.com", 465)}
    assert all(box.password_env is None and box.folders is None for box in office.mailboxes)
    assert (office.mail.poll_seconds, office.outbox.seconds_between, office.outbox.per_day) == (300, 20, 50)


def test_the_shipped_file_mentions_every_key_there_is() -> None:
    text = shipped_office()
    office = Settings.from_environment({}).office
    written = {"first_day": "from", "last_day": "to", "first": "from", "last": "to", "seasons": "[[hours]]"}

    for name, value in office.fingerprintable().items():
        for key in value if isinstance(value, dict) else [name]:
            assert written.get(key, key) in text


def test_every_example_in_the_shipped_file_is_right_when_its_sign_is_taken_away(tmp_path: Path) -> None:
    text = re.sub(r"^# (?=\w+ = |\[)", "", shipped_office(), flags=re.MULTILINE)
    office = Settings.from_environment(environment(tmp_path, text)).office

    assert office.smtp
    assert office.mailboxes[0].intake_from
    assert office.outbox.quiet_to == time(7)
    assert office.deadlines.seasons
    assert office.reports.since == date(2026, 12, 1)


def test_what_is_left_out_has_the_documented_defaults(tmp_path: Path) -> None:
    office = Settings.from_environment(environment(tmp_path, OFFICE + MAILBOX)).office

    assert (office.mail.poll_seconds, office.mail.poll_deadline_seconds, office.mail.heartbeat) == (
        300,
        600,
        True,
    )
    assert (office.outbox.seconds_between, office.outbox.per_day, office.outbox.acknowledge) == (20, 50, True)
    numbers = office.deadlines
    assert (numbers.accept, numbers.resolve, numbers.resolve_consultation, numbers.resolve_urgent) == (
        3,
        10,
        3,
        3,
    )
    assert (numbers.sign_off, numbers.feedback, numbers.call_back) == (1, 7, 3)
    assert (numbers.notice_natural, numbers.legal_natural, numbers.legal_extension_natural) == (15, 60, 30)
    assert (numbers.extension_max, numbers.extension_head_max, numbers.day_ends) == (10, 5, time(17, 30))
    assert (office.reports.kinds, office.reports.period_ends) == (("monthly", "quarterly", "annual"), 0)
    assert (office.reports.since, office.reports.attach) == (None, False)
    assert (office.security.totp_roles, office.security.idle_minutes) == (("admin", "supervisor"), 30)
    assert (office.security.session_hours, office.security.reveal_per_day) == (10, 30)
    assert not office.security.allow_http
    assert not office.security.receipt_lookup
    assert office.smtp is None
    [mailbox] = office.mailboxes
    assert (mailbox.username, mailbox.tls, mailbox.folders, mailbox.smtp) == (
        "box@example.com",
        True,
        None,
        None,
    )


def test_everything_can_be_written(tmp_path: Path) -> None:
    text = """
[[mailboxes]]
address = "Box@Example.com"
section = "zhongjiao"
host = "127.0.0.1"
port = 1143
tls = false
username = "box"
password_env = "BOX_CODE"
folders = ["INBOX", "垃圾邮件"]
intake_from = 2026-11-23
[mailboxes.smtp]
host = "localhost"
port = 1025
tls = false
auth = false
[smtp]
from = "notice@example.com"
host = "::1"
port = 1026
tls = false
[mail]
poll_seconds = 1
work_senders = ["@qzedu.cn", "Boss@example.com"]
[outbox]
seconds_between = 0
quiet_from = "22:00"
quiet_to = 07:00:00
[deadlines]
accept = 2
[[hours]]
day_ends = "17:00"
[[hours]]
from = "05-01"
to = "09-30"
day_ends = "18:00"
[[campaigns]]
name = "课后服务"
year = 2026
categories = ["A", "B2"]
town_only = true
[[campaigns.stages]]
name = "督促整改"
from = 2026-09-01
to = "2026-10-31"
[reports]
since = "2026-11-01"
kinds = ["weekly"]
period_ends = 25
recipients = ["jw@example.com"]
attach = true
[security]
totp_roles = []
[duty]
phone = "0595-23236764"
mail = "duty@example.com"
"""
    office = Settings.from_environment(environment(tmp_path, OFFICE + text)).office

    mailbox = office.mailbox("BOX@example.com")
    assert mailbox.intake_from == datetime(2026, 11, 22, 16, tzinfo=UTC)  # midnight in the office
    assert mailbox.folders == ("INBOX", "垃圾邮件")
    assert mailbox.smtp
    assert (mailbox.smtp.address, mailbox.smtp.username, mailbox.smtp.password_env) == (
        "box@example.com",
        "box",
        "BOX_CODE",
    )
    assert office.smtp
    assert office.smtp.host == "::1"
    assert office.mail.work_senders == ("@qzedu.cn", "boss@example.com")
    assert (office.outbox.quiet_from, office.outbox.quiet_to) == (time(22), time(7))
    assert office.deadlines.day_ends == time(17)
    assert office.deadlines.seasons == (SeasonSettings(first="05-01", last="09-30", day_ends=time(18)),)
    [campaign] = office.campaigns
    assert (campaign.categories, campaign.town_only) == (("A", "B2"), True)
    assert (campaign.stages[0].first_day, campaign.stages[0].last_day) == (
        date(2026, 9, 1),
        date(2026, 10, 31),
    )
    assert office.reports.since == date(2026, 11, 1)


WRONG_SECTIONS = [
    ('short_name = "教育局"', "short_name = 5", "[office] short_name 应写成带引号的文字"),
    ('name = "测试县教育局"', 'name = " "', "[office] name 不能为空。"),
    (
        'slug = "zhongjiao"',
        'slug = "中教"',
        "[[sections]] slug 应是小写字母开头的代号，如 zhongjiao，现在是「中教」。",
    ),
    ('slug = "chuyoujiao"', 'slug = "zhongjiao"', "slug「zhongjiao」已被另一个股室使用"),
    ('number_prefix = "CY"', 'number_prefix = "ZJ"', "number_prefix「ZJ」已被另一个股室使用"),
    ('number_prefix = "CY"', 'number_prefix = "cy1"', "number_prefix 应是1 到 6 个大写字母"),
    ('name = "初幼教股"', 'name = "中教股"', "name「中教股」已被另一个股室使用"),
    ('"primary"]', '"primry"]', "stages 里的每一项应是这些之一：kindergarten（幼儿园）、primary（小学）"),
    ('"primary"]', '"junior"]', "stages 里的 junior（初中）已归「中教股」"),
    ('"primary"]', '"primary", "primary"]', "stages 里「primary」写了两次"),
    ('stages = ["junior", "senior"]', 'stages = "junior"', "stages 应写成列表"),
    ('number_prefix = "ZJ"', 'number_prefix = "ZJ"\nphone = 23236764', "phone 应写成带引号的文字"),
    (
        'number_prefix = "ZJ"',
        'number_prefix = "ZJ"\nclosed = "否"',
        "closed 应是 true 或 false（不带引号），现在是「否」",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), WRONG_SECTIONS)
def test_a_wrong_section_is_answered_with_its_line(
    tmp_path: Path, right: str, wrong: str, sentence: str
) -> None:
    text = OFFICE.replace(right, wrong)
    changed = wrong.splitlines()[-1]
    line = len(text[: text.rindex(changed)].splitlines()) + (text[text.rindex(changed) - 1] == "\n")

    [problem] = problems_of(environment(tmp_path, text))

    assert sentence in problem
    assert f"office.toml 第 {line} 行：" in problem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[mail]\npoll_seconds = 30",
            "[mail] poll_seconds 应在 60 到 3600 之间（收取太频繁会被邮箱服务商限制），现在是 30。",
        ),
        ('[mail]\npoll_seconds = "300"', "[mail] poll_seconds 应是不带引号的整数，现在是「300」。"),
        ("[mail]\npoll_seconds = true", "poll_seconds 应是不带引号的整数，现在是 true。"),
        ("[mail]\npoll_deadline_seconds = 5", "poll_deadline_seconds 应在 30 到 7200 之间"),
        ("[mail]\nheartbeat = 1", "heartbeat 应是 true 或 false"),
        ('[mail]\nwork_senders = ["qzedu"]', "work_senders 里的每一项应是邮箱地址，或 @ 开头的域名"),
        ("[mail]\npol_seconds = 300", "[mail] 没有名为「pol_seconds」的配置项，是不是想写 poll_seconds？"),
        ("[outbox]\nseconds_between = 0", "seconds_between 应在 1 到 3600 之间"),
        ("[outbox]\nper_day = 0", "per_day 应在 1 到 10000 之间"),
        ('[outbox]\nacknowledge = "true"', "acknowledge 应是 true 或 false"),
        ('[outbox]\nquiet_from = "22:00"', "quiet_from 要成对填写"),
        (
            '[outbox]\nquiet_from = "25:00"\nquiet_to = "07:00"',
            'quiet_from 应是 "17:30" 这样的时刻，现在是「25:00」。',
        ),
        ('[outbox]\nquiet_to = "07:00"\nquiet_from = "07:00"', "quiet_to 与 quiet_from 相同"),
        ("[deadlines]\naccept = 0", "[deadlines] accept 应在 1 到 60 之间"),
        ("[deadlines]\nresolve = 10.5", "resolve 应是不带引号的整数，现在是 10.5。"),
        ("[deadlines]\nresolve_consultation = 61", "resolve_consultation 应在"),
        ("[deadlines]\nresolve_urgent = -1", "resolve_urgent 应在"),
        ("[deadlines]\nsign_off = 0", "sign_off 应在"),
        ("[deadlines]\nfeedback = 0", "feedback 应在"),
        ("[deadlines]\ncall_back = 0", "call_back 应在"),
        ("[deadlines]\nnotice_natural = 16", "notice_natural 应在 1 到 15 之间（法定期限，不能放宽）"),
        ("[deadlines]\nlegal_natural = 90", "legal_natural 应在 1 到 60 之间（法定期限，不能放宽）"),
        ("[deadlines]\nlegal_extension_natural = 31", "legal_extension_natural 应在 0 到 30 之间"),
        (
            "[deadlines]\nextension_max = 3",
            "extension_max 不对：股室负责人可批的延期（5）不能多于最长延期 extension_max（3）",
        ),
        ("[deadlines]\nextension_head_max = 11", "extension_head_max 不对"),
        ('[[hours]]\nfrom = "05-01"', "[[hours]] 里 from 和 to 要么都写，要么都不写"),
        ('[[hours]]\nfrom = "5月1日"\nto = "09-30"', 'from 应是 "05-01" 这样的月和日，现在是「5月1日」。'),
        ('[[hours]]\nfrom = "02-30"\nto = "09-30"', "from 没有「02-30」这一天。"),
        ("[[hours]]\n[[hours]]", "没有写 from 和 to 的（全年适用）只能有一个"),
        ('[[hours]]\nday_ends = "5点半"', "day_ends 应是"),
        (
            '[[hours]]\nfrom = "05-01"\nto = "09-30"\n[[hours]]\nfrom = "09-30"\nto = "01-31"',
            "from 不对：这一段与前面的 [[hours]] 重叠",
        ),
        (
            '[[campaigns]]\nname = "专项"\nyear = "2026"\ncategories = []',
            "[[campaigns]] year 应是不带引号的整数",
        ),
        ('[[campaigns]]\nname = "专项"\nyear = 2026', "[[campaigns]] 缺少必填项 categories。"),
        (
            '[[campaigns]]\nname = "专项"\nyear = 2026\ncategories = ["收费"]',
            "categories 里的每一项应是类别代码",
        ),
        (
            '[[campaigns]]\nname = "专项"\nyear = 2026\ncategories = []\n' * 2,
            "[[campaigns]] name「专项」2026 年已写过一次。",
        ),
        (
            '[[campaigns]]\nname = "专项"\nyear = 2026\ncategories = []\n'
            '[[campaigns.stages]]\nname = "一"\nfrom = 2026-09-02\nto = 2026-09-01',
            "[[campaigns.stages]] to （2026-09-01）早于 from（2026-09-02）。",
        ),
        (
            '[[campaigns]]\nname = "专项"\nyear = 2026\ncategories = []\n[[campaigns.stages]]\nname = "一"\nfrom = "九月"\nto = 2026-09-01',
            "from 应是 1970 到 2100 年间的日期，如 2026-09-01，现在是「九月」。",
        ),
        (
            "[reports]\nsince = 20261101",
            "[reports] since 应是 1970 到 2100 年间的日期，如 2026-09-01，现在是 20261101。",
        ),
        ('[reports]\nkinds = ["month"]', "kinds 里的每一项应是这些之一：weekly（周报）、monthly（月报）"),
        ("[reports]\nperiod_ends = 29", "period_ends 应在 0 到 28 之间"),
        ('[reports]\nrecipients = ["纪委"]', "recipients 里的每一项应是邮箱地址"),
        ("[reports]\nattach = 0", "attach 应是 true 或 false"),
        ('[security]\ntotp_roles = ["boss"]', "totp_roles 里的每一项应是这些之一：clerk（接听登记）"),
        ("[security]\nidle_minutes = 0", "idle_minutes 应在 1 到 480 之间"),
        ("[security]\nsession_hours = 25", "session_hours 应在 1 到 24 之间"),
        ("[security]\nreveal_per_day = 0", "reveal_per_day 应在"),
        ("[security]\nallow_http = 1", "allow_http 应是 true 或 false"),
        ("[security]\nreceipt_lookup = 1", "receipt_lookup 应是 true 或 false"),
        ('[duty]\nphone = "电话"', "[duty] phone 应是电话号码"),
        ('[duty]\nmail = "值班"', "[duty] mail 应是邮箱地址"),
        ("[serverr]\nx = 1", "没有名为「serverr」的小节，可用的有：campaigns、deadlines"),
        ("[mailbox]\nx = 1", "没有名为「mailbox」的小节，是不是想写 mailboxes？"),
        ("[campaigns]\nx = 1", "campaigns 应写成两层方括号的小节 [[campaigns]]。"),
        ("[[mail]]\nheartbeat = true", "mail 只能写一个，用单层方括号 [mail]。"),
        ("[mail]\npoll_seconds = 0x" + "f" * 5000, "现在是 一个过大的数。"),
    ],
)
def test_a_wrong_value_is_answered_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    sender = '\n[smtp]\nfrom = "a@example.com"\nhost = "smtp.example.com"\nport = 465\n'

    [problem] = problems_of(environment(tmp_path, OFFICE + MAILBOX + sender + text))

    assert sentence in problem
    assert problem.endswith(("。", "？"))


def test_all_problems_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = OFFICE + MAILBOX + '[mail]\npoll_seconds = 5\nhartbeat = true\n[duty]\nmail = "x"\n'
    problems = problems_of(environment(tmp_path, text, HOTLINE_LISTEN="8000"))

    assert len(problems) == 4
    for part in ("poll_seconds", "hartbeat", 'mail = "x"'):
        assert any(f"第 {line_of(text, part)} 行" in problem for problem in problems)
    assert problems[0] == "环境变量 HOTLINE_LISTEN=「8000」应是“地址:端口”，如 127.0.0.1:8000。"


def test_a_closed_section_keeps_its_slug_and_gives_its_stages_away(tmp_path: Path) -> None:
    old = OFFICE.replace('stages = ["junior", "senior"]', 'stages = ["primary"]\nclosed = true')
    office = Settings.from_environment(environment(tmp_path, old)).office

    assert [section.slug for section in office.open_sections] == ["chuyoujiao"]
    section = office.section_of_stage("primary")
    assert section
    assert section.slug == "chuyoujiao"
    assert office.section_of_stage("junior") is None


def test_an_office_needs_an_open_section(tmp_path: Path) -> None:
    closed = OFFICE.replace('name = "中教股"', 'name = "中教股"\nclosed = true')

    [problem] = problems_of(
        environment(tmp_path, closed.replace('name = "初幼教股"', 'name = "初幼教股"\nclosed = true'))
    )
    assert "所有股室都停用了" in problem
    assert "至少要有一个小节 [[sections]]" in "".join(problems_of(environment(tmp_path, "[office]\n")))


def test_what_rows_refer_to_cannot_be_taken_out_of_the_file(tmp_path: Path) -> None:
    office = Settings.from_environment(environment(tmp_path, OFFICE + MAILBOX)).office

    office.require_known(sections=["zhongjiao"], mailboxes=["box@example.com"])
    with pytest.raises(SettingsError, match="closed = true") as refusal:
        office.require_known(sections=["anquan"], mailboxes=["old@example.com"])
    assert len(refusal.value.problems) == 2


def test_the_difference_to_the_last_run_names_each_changed_value(tmp_path: Path) -> None:
    before = Settings.from_environment(environment(tmp_path, OFFICE + MAILBOX)).office.fingerprintable()
    first, second = OFFICE.split("\n[[sections]]")[1:]
    swapped = OFFICE.split("\n[[sections]]")[0] + f"\n[[sections]]{second}\n[[sections]]{first}"
    text = swapped + MAILBOX.replace("993", "994") + "[mail]\npoll_seconds = 600\n"
    after = Settings.from_environment(environment(tmp_path, text)).office.fingerprintable()

    assert differences(before, after) == {
        "mail.poll_seconds": (300, 600),
        "mailboxes[box@example.com].port": (993, 994),
    }


def test_the_words_are_those_of_the_tickets_and_accounts() -> None:
    assert dict(STAGES) == {stage.value: stage.label for stage in Stage}
    assert dict(ROLES) == {role.value: role.label for role in Role}


def test_hours_may_stand_under_the_deadlines_too(tmp_path: Path) -> None:
    text = (
        OFFICE
        + '[deadlines]\naccept = 3\n[[deadlines.hours]]\nfrom = "11-01"\nto = "02-29"\nday_ends = "17:00"\n'
    )

    [season] = Settings.from_environment(environment(tmp_path, text)).office.deadlines.seasons
    assert (season.first, season.last, season.day_ends) == ("11-01", "02-29", time(17))
