"""The mails that arrive while somebody watches the demonstration: who writes what, to which mailbox, at which second.

People, schools, places and numbers are invented; the addresses end in .example, the telephone numbers (1380000xxxx) were never
given out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from demo import sample_clients as by
from demo import sample_machine as machine
from demo import sample_texts as texts
from demo.sample_clients import Attachment, Occasion, Person
from demo.sample_files import docx, pdf, png


class Box(IntEnum):
    """The two mailboxes, in the order in which their accounts are given to the demonstration server."""

    MIDDLE = 0
    PRIMARY = 1


@dataclass(frozen=True)
class SampleMail:
    """A mail that a builder makes when it arrives; both copies of a mail to two mailboxes are made for the same moment.

    `kind` is what a reader shall take it for. A mail that `answers` somebody's copy of our own mail comes soon after we have
    written to that address, and at its second, as an answer to a mail nobody knows, if we have not.
    """

    key: str
    second: int
    build: Callable[[Occasion], bytes]
    boxes: tuple[Box, ...] = (Box.PRIMARY,)
    kind: str = "ordinary"
    folder: str = "INBOX"
    answers: str = ""


Writer = Callable[..., bytes]

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

CHEN = Person("陈秀兰", "chenxiulan2016@163.example")
WANG = Person("王镕", "wangrong_ax@foxmail.example")
LIN = Person("林志堃", "1380000121@qq.example")
XIE = Person("谢雅喆", "xie.yazhe@icloud.example")
HUANG = Person("黄先生", "huang0412@139.example")
SU = Person("苏妈妈", "su-mama@qq.example")
NOBODY = Person("一名家长", "nm20260901@163.example")
TEACHER = Person("不便具名", "teacher-x@163.example")
SCHOOL = Person("溪口实验小学办公室", "xikou-shixiao@163.example")
GRANDFATHER = Person("李根土", "ligentu@sohu.example")
GONE = "laoaddress@qq.example"


def _by(writer: Writer, who: Person, text: texts.Text, *attached: Attachment) -> Callable[[Occasion], bytes]:
    return lambda at: writer(who, text.subject, text.body, at, *attached)


def _picture(name: str) -> Attachment:
    return Attachment(name, "image/png", png())


def _reply(at: Occasion) -> bytes:
    subject = "回复：" + (at.answered.subject if at.answered else "关于您来信的告知")
    quoted = texts.REPLY.body
    if at.answered is not None:
        quoted += f"\n\n---- 回复的原邮件 ----\n发件人：<{at.answered.sender}>\n主题：{at.answered.subject}"
    return by.webmail_163(CHEN, subject, quoted, at)


def _forward(at: Occasion) -> bytes:
    inner = by.qq_mail(SU, texts.FORWARDED_INSIDE.subject, texts.FORWARDED_INSIDE.body, at)
    return by.forwarded(XIE, texts.FORWARDED.subject, texts.FORWARDED.body, at, inner)


def _out_of_office(at: Occasion) -> bytes:
    return machine.out_of_office(LIN, texts.OUT_OF_OFFICE, at)


SAMPLES: Sequence[SampleMail] = (
    SampleMail("fees", 0, _by(by.webmail_163, CHEN, texts.FEES)),
    SampleMail("rare-characters", 0, _by(by.plain_gb2312, WANG, texts.EVENING_STUDY), (Box.MIDDLE,)),
    SampleMail("only-homework", 2, _by(by.qq_mail, LIN, texts.ONLY_HOMEWORK)),
    SampleMail("iphone", 4, _by(by.iphone, XIE, texts.LATE_PICKUP)),
    SampleMail("raw-gbk", 6, _by(by.raw_gbk, GRANDFATHER, texts.GRANDFATHER)),
    SampleMail("html-only", 8, _by(by.html_only, HUANG, texts.HTML_PAGE), (Box.MIDDLE,)),
    SampleMail(
        "picture", 10, _by(by.webmail_163, Person("吴丽琼", "wuliqiong88@163.example"), texts.SNACK, _picture("点心照片（10月12日）.png"))
    ),
    SampleMail(
        "fee-notice", 12,
        _by(by.qq_mail, Person("郑文斌", "zhengwb@qq.example"), texts.FORCED, Attachment("课后服务收费通知.pdf", "application/pdf", pdf())),
        (Box.MIDDLE,),
    ),
    SampleMail("urgent", 14, _by(by.iphone, Person("叶女士", "ye_ax@icloud.example"), texts.URGENT)),
    SampleMail("anonymous", 16, _by(by.webmail_163, NOBODY, texts.ANONYMOUS), (Box.MIDDLE,)),
    SampleMail(
        "both-mailboxes", 18, _by(by.webmail_163, Person("许国强", "xuguoqiang@163.example"), texts.TWO_CHILDREN),
        (Box.MIDDLE, Box.PRIMARY),
    ),
    SampleMail("long", 20, _by(by.qq_mail, Person("廖家长", "liao-jz@qq.example"), texts.LONG), (Box.MIDDLE,)),
    SampleMail(
        "docx", 22,
        _by(
            by.iphone, Person("高晓燕", "gaoxy@icloud.example"), texts.JOINT,
            Attachment("联名反映材料.docx", DOCX, docx("联名反映材料", "反映四年级课后服务长期由保安代看。", "家长代表：高某某等八人")),
        ),
    ),
    SampleMail("teacher", 24, _by(by.webmail_163, TEACHER, texts.TEACHER), (Box.MIDDLE,)),
    SampleMail("school-report", 27, _by(
        by.webmail_163, SCHOOL, texts.SCHOOL_REPORT,
        Attachment("整改情况报告.docx", DOCX, docx("整改情况报告", "已退还多收费用，已调整课程安排。")), _picture("公示栏.png"),
    ), kind="work"),
    SampleMail("forwarded", 30, _forward),
    SampleMail("same-school-1", 32, _by(by.iphone, Person("施先生", "shi-88@icloud.example"), texts.SAME_SCHOOL_1)),
    SampleMail("same-school-2", 34, _by(by.webmail_163, Person("傅女士", "fu-family@163.example"), texts.SAME_SCHOOL_2)),
    SampleMail("no-message-id", 36, _by(by.without_message_id, Person("江家长", "jiang@126.example"), texts.REFUND)),
    SampleMail("consultation", 38, _by(by.qq_mail, Person("曾女士", "zeng-ax@qq.example"), texts.QUESTION), (Box.MIDDLE,)),
    SampleMail("praise", 40, _by(by.iphone, Person("白家长", "bai@icloud.example"), texts.PRAISE)),
    SampleMail("summer", 42, _by(by.raw_gbk, Person("庄家长", "zhuang@sohu.example"), texts.SUMMER), (Box.MIDDLE,)),
    SampleMail("wrong-mailbox", 44, _by(by.plain_gb2312, Person("罗喆", "luozhe@foxmail.example"), texts.KINDERGARTEN), (Box.MIDDLE,)),
    SampleMail("cloud-attachment", 46, _by(by.html_only, Person("范女士", "fan_ax@163.example"), texts.CLOUD_PAGE)),
    SampleMail("picture-only", 47, _by(by.qq_mail, Person("丁家长", "ding@qq.example"), texts.PICTURE_ONLY, _picture("微信图片_20261019.png"))),
    SampleMail("junk-but-real", 48, _by(by.without_message_id, Person("沈先生", "shen@tom.example"), texts.JUNKED), folder="垃圾邮件"),
    SampleMail("junk", 49, _by(by.html_only, Person("代开发票", "fp@spam.example"), texts.SPAM), (Box.MIDDLE,), folder="垃圾邮件"),
    SampleMail(
        "virus", 50,
        _by(by.qq_mail, Person("notice", "notice@spam.example"), texts.VIRUS, Attachment("invoice.txt", "text/plain", b"harmless sample\r\n")),
        folder="病毒文件夹", kind="virus",
    ),
    SampleMail("newsletter", 52, lambda at: machine.newsletter(
        Person("教育装备资讯", "news@jiaoyu-zhuangbei.example"), texts.NEWSLETTER.subject, texts.NEWSLETTER.body, at
    ), (Box.MIDDLE,), kind="list"),
    SampleMail("receipt", 54, lambda at: machine.read_receipt(HUANG, at), (Box.MIDDLE,), kind="receipt", answers=HUANG.address),
    SampleMail("bounce", 56, lambda at: machine.bounce(GONE, at), kind="bounce", answers=GONE),
    SampleMail("out-of-office", 58, _out_of_office, kind="auto_reply", answers=LIN.address),
    SampleMail("reply", 60, _reply, answers=CHEN.address),
    SampleMail("address-that-bounces", 26, _by(by.webmail_163, Person("郭家长", GONE), texts.OLD_ADDRESS)),
)  # fmt: skip
