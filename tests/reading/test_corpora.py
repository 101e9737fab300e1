"""Real mails of other programs' test suites: what those programs expect of them, and what kind of mail they are."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.text import clean_text
from mail_ingest.reading import ParsedMail, fingerprint, read_mail
from mail_ingest.vocabulary import MailKind
from tests.support.corpora import corpora_or_skip

PLAIN_FIRST = "the plain part says something else than the HTML part, and the plain part is the text"
HTML_HAS_TEXT = "HTML only: the other program leaves the text empty, we give the text of the HTML"
GARBLED = "the expected value itself is garbled: the other program could not decode the bytes"
BODY_AS_FILE = (
    "the other program counts a shown body as an attachment, or takes a part of a broken multipart for none"
)
INTO_ATTACHED = (
    "the other program looks into the attached mail for text and files, or leaves out parts without a name"
)

# A mail on which we differ on purpose, and why. Not more than 25.
EXCEPTIONS = {
    "zammad/mail001.box.eml": PLAIN_FIRST,
    "zammad/mail003.box.eml": PLAIN_FIRST,
    "zammad/mail019.box.eml": "the fragment is the <title> of the page, which no mail program shows",
    "zammad/mail047.box.eml": "the fragment is the <title> of the page, which no mail program shows",
    "imap_tools/attachment_2_base64.eml": "the other program takes a file in base64 for the text",
    "imap_tools/attachment_emails/attachment_with_encoded_name.eml": GARBLED,
    "imap_tools/mime_emails/raw_email11.eml": INTO_ATTACHED,
    "imap_tools/base.eml": HTML_HAS_TEXT,
    "mikel_mail/error_emails/multiple_invalid_content_dispositions.eml": HTML_HAS_TEXT,
    "mikel_mail/multipart_report_emails/multi_address_bounce1.eml": INTO_ATTACHED,
    "imap_tools/multipart_report_emails/report_530.eml": INTO_ATTACHED,
    "mikel_mail/plain_emails/mix_caps_content_type.eml": "`Big Bug bb@bug.com` is a name and an address, not an address",
    "mikel_mail/plain_emails/raw_email_incorrect_header.eml": "a stray word before the first field: we still find the fields",
    "stalwart/legacy/010.eml": GARBLED,
    "stalwart/legacy/020.eml": GARBLED,
    "stalwart/legacy/024.eml": HTML_HAS_TEXT,
    "stalwart/legacy/049.eml": "the other program leaves uuencoded files in the text; we take them out as files",
    "stalwart/malformed/001.eml": BODY_AS_FILE,
    "stalwart/malformed/004.eml": BODY_AS_FILE,
    "stalwart/malformed/006.eml": BODY_AS_FILE,
    "stalwart/malformed/007.eml": BODY_AS_FILE,
    "stalwart/malformed/009.eml": BODY_AS_FILE,
    "stalwart/malformed/012.eml": BODY_AS_FILE,
    "stalwart/thirdparty/002.eml": BODY_AS_FILE,
    "stalwart/thirdparty/015.eml": "of three attached mails the other program lists one",
}


def _figure(text: str) -> None:
    """Shown with `pytest -s`: the reports name these figures."""
    sys.stdout.write(f"\n{text}\n")


@pytest.fixture(scope="module")
def corpora() -> Path:
    return corpora_or_skip()


@pytest.fixture(scope="module")
def kinds(corpora: Path) -> dict[str, set[str]]:
    listed = json.loads((corpora / "kinds.json").read_text(encoding="utf-8"))
    return {kind: {one["file"] for one in ones} for kind, ones in listed.items() if isinstance(ones, list)}


@pytest.fixture(scope="module")
def mails(corpora: Path) -> dict[str, ParsedMail]:
    folder = corpora / "mails"
    raw = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    started = time.perf_counter()
    parsed = {name: read_mail(content) for name, content in raw.items()}
    _figure(f"{len(raw)} mails, {len(raw) / (time.perf_counter() - started):.0f} a second")
    return parsed


def test_every_mail_is_read_without_giving_up(mails: dict[str, ParsedMail]) -> None:
    assert len(mails) == 645
    assert [name for name, mail in mails.items() if any("无法解析" in note for note in mail.notes)] == []
    for mail in mails.values():
        for text in (
            mail.subject,
            mail.text,
            mail.from_name,
            mail.from_address,
            *(a.filename for a in mail.attachments),
        ):
            assert clean_text(text) == text


def _squeezed(text: str | None) -> str:
    return " ".join(clean_text(text or "").split())


def _differences(expected: dict[str, Any], mail: ParsedMail) -> Iterator[tuple[str, bool]]:
    """One item per thing expected: its name and whether we agree."""
    asked = expected.get("demandable") or ["subject", "from_addr", "text", "attachments"]
    if "subject" in asked:
        yield "subject", _squeezed(expected["subject"]) == _squeezed(mail.subject)
    if "from_addr" in asked:
        yield "sender", _squeezed(expected["from_addr"]) == mail.from_address
    if "text" in asked:
        yield "text", _squeezed(expected["text"]) == _squeezed(mail.text)
    if "body_text_contains" in asked:
        yield (
            "text",
            all(_squeezed(piece) in _squeezed(mail.text) for piece in expected["body_text_contains"]),
        )
    if "attachments" in asked:
        files = expected.get("attachments") or []
        yield "attachment count", len(files) == len(mail.attachments)
        yield (
            "attachment names",
            [f["filename"] or "" for f in files] == [a.filename for a in mail.attachments],
        )


def test_we_agree_with_what_other_programs_expect(corpora: Path, mails: dict[str, ParsedMail]) -> None:
    agreed: Counter[bool] = Counter()
    left: list[str] = []
    for suite in ("zammad", "imap_tools", "stalwart"):
        for expected in json.loads((corpora / "expected" / f"{suite}.json").read_text(encoding="utf-8")):
            if expected["file"] in EXCEPTIONS:
                continue
            for item, agrees in _differences(expected, mails[expected["file"]]):
                agreed[agrees] += 1
                left += [] if agrees else [f"{expected['file']}: {item}"]

    share = agreed[True] / agreed.total()
    _figure(
        f"{agreed[True]} of {agreed.total()} items agree ({share:.1%}), {len(EXCEPTIONS)} mails excepted; left: {left}"
    )
    assert len(EXCEPTIONS) <= 25
    assert share >= 0.97


def test_an_exception_that_is_none_any_more_goes(corpora: Path, mails: dict[str, ParsedMail]) -> None:
    differing = set()
    for suite in ("zammad", "imap_tools", "stalwart"):
        for expected in json.loads((corpora / "expected" / f"{suite}.json").read_text(encoding="utf-8")):
            if not all(agrees for _, agrees in _differences(expected, mails[expected["file"]])):
                differing.add(expected["file"])
    assert set(EXCEPTIONS) <= differing


def test_machine_mail_is_known_as_such(mails: dict[str, ParsedMail], kinds: dict[str, set[str]]) -> None:
    for group in (
        "bounce_dsn",
        "auto_reply",
        "arf_feedback_report",
        "mdn_read_receipt",
        "auto_generated",
        "list_or_bulk",
    ):
        found = Counter(mails[name].kind.value for name in kinds[group])
        _figure(f"{group}: {dict(found)}")
        assert MailKind.ORDINARY.value not in found


def test_machine_mail_asks_for_no_answer(mails: dict[str, ParsedMail]) -> None:
    assert all(mail.wants_no_reply for mail in mails.values() if mail.kind is not MailKind.ORDINARY)


def test_ordinary_mail_goes_to_the_tray_only_by_a_rule_with_a_name(
    mails: dict[str, ParsedMail], kinds: dict[str, set[str]]
) -> None:
    trayed = {
        name: mails[name].kind_rule
        for name in kinds["ordinary_should_become_ticket"]
        if mails[name].kind is not MailKind.ORDINARY
    }
    _figure(f"ordinary mail in the tray: {trayed}")
    assert trayed == {}


def test_twins_have_one_fingerprint_and_others_have_their_own(
    mails: dict[str, ParsedMail], kinds: dict[str, set[str]]
) -> None:
    groups = defaultdict(list)
    for name in sorted(kinds["ordinary_should_become_ticket"]):
        groups[fingerprint(mails[name])].append(name)
    twins = [names for names in groups.values() if len(names) > 1]
    folded = sum(len(names) - 1 for names in twins)
    _figure(f"{len(twins)} groups of equal mails, {folded} fold: {twins}")
    assert 15 <= len(twins) <= 25
    assert 20 <= folded <= 32


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("webklex/gbk_charset.eml", ""),
        ("zammad/mail044.box.eml", "的"),
        ("alaveteli/unrecognized-encoding-mail.eml", ""),
        ("flufl_bounce/sina_01.txt.eml", "邮件"),
    ],
)
def test_chinese_mail_comes_out_in_characters(mails: dict[str, ParsedMail], name: str, words: str) -> None:
    mail = mails[name]
    assert words in mail.text
    assert "\ufffd" not in mail.subject + mail.text


def test_bounces_name_whom_they_did_not_reach(
    mails: dict[str, ParsedMail], kinds: dict[str, set[str]]
) -> None:
    bounces = [
        mails[name] for name in kinds["bounce_dsn"] if mails[name].kind_rule.startswith("含投递状态报告")
    ]
    named = sum(bool(mail.failed_recipients) for mail in bounces)
    known = sum(bool(mail.about_message_ids) for mail in bounces)
    _figure(f"{len(bounces)} delivery reports: {named} name a recipient, {known} the mail they are about")
    assert named >= 0.9 * len(bounces)


def test_winmail_dat_is_unpacked(mails: dict[str, ParsedMail]) -> None:
    mail = mails["alaveteli/incoming-request-tnef-attachments.eml"]
    assert [a.content_type for a in mail.attachments] == [
        "application/ms-tnef",
        *["application/octet-stream"] * 2,
    ]
    assert [a.filename for a in mail.attachments[1:]] == ["FOI 09-02976i.doc", "FOI 09-02976iii.doc"]
    assert all(a.content.startswith(b"\xd0\xcf\x11\xe0") for a in mail.attachments[1:])
