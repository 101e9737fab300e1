"""The texts of the letters as they are shipped, and what may be filled into each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tickets.letters.filling_in import Blank, Text
from tickets.vocabulary import LetterName

_N = LetterName
_SIGNED = "〔单位〕〔股室〕"
_ASK = "｛对本告知有疑问，请拨打 〔电话〕（不必说姓名，报编号即可）。｝"
_ON_PETITIONS = "《信访工作条例》"

_NUMBER = Blank(name="编号", means="诉求件的编号", sample="ZJ20261123-0007", must=True)
_COMMON = (
    _NUMBER,
    Blank(name="单位", means="本局名称", sample="安溪县教育局"),
    Blank(name="股室", means="办理的股室", sample="中教股"),
    Blank(name="电话", means="股室电话，可能没有", sample="0595-23236764", may_be_empty=True),
)
_DAY = Blank(name="日期", means="决定的日期", sample="2026年11月27日")


def _refusal(subject: str, found: str, basis: str, decided: str, aloud: str) -> Text:
    return Text(
        subject=subject,
        body=f"您好：\n\n您反映的事项（编号 〔编号〕）收悉。经审查，该事项{found}，根据{basis}，{decided}。\n\n"
        f"｛〔具体说明和去处〕｝\n\n如您有新的事实、理由或材料，可再次提出。{_ASK}\n\n{_SIGNED}　〔日期〕",
        aloud=f"您反映的事我们看过了。{aloud}。｛〔具体说明和去处〕｝如果有新的情况或者材料，您可以再提出来。",
    )


SHIPPED: Mapping[LetterName, Text] = MappingProxyType(
    {
        _N.ACKNOWLEDGED: Text(
            subject="来信已登记",
            body="您好：\n\n您于 〔来信日期〕发来的邮件我们已经收到并登记。｛\n\n〔识别提示〕｝\n\n编号：〔编号〕\n查询码：〔查询码〕\n\n"
            "我们会尽快核对您反映的情况，并在 15 日内告知您是否受理、由谁办理。需要补充材料时，请直接回复本邮件，不必重新发信。"
            "｛\n查询进度：请在工作时间拨打 〔电话〕，报上编号和查询码即可，不需要说姓名。｝\n\n"
            "请放心：您的姓名、电话、邮箱不会提供给学校或其他被反映的单位和个人。办理中如确需向学校说明具体是哪位学生，我们会先征得您的同意。\n"
            "请妥善保管本邮件，不要转发给他人。\n\n如果有人身安全正在受到威胁，请立即拨打 110 或 120，不要等待邮件答复。\n\n"
            f"{_SIGNED}\n（本邮件由系统自动发出，仅表示已收到，不代表处理结论）",
        ),
        _N.ACKNOWLEDGED_REST: Text(
            subject="来信已登记",
            body="您好：\n\n您于 〔来信日期〕 发来的其余邮件均已登记，编号和查询码分别为：\n\n〔编号和查询码〕\n\n"
            "我们会尽快核对您反映的情况，并在 15 日内告知您是否受理、由谁办理。\n需要补充材料时，请在信中写明相应的编号。\n"
            "请放心：您的姓名、电话、邮箱不会提供给学校或其他被反映的单位和个人。请妥善保管本邮件，不要转发给他人。\n\n"
            f"{_SIGNED}\n（本邮件由系统自动发出，仅表示已收到，不代表处理结论）",
        ),
        _N.ACCEPTED: Text(
            subject="受理告知",
            body="您好：\n\n您反映的事项（编号 〔编号〕）已由我局受理，由〔股室〕办理，一般在 〔法定天数〕 日内办结并答复。"
            "办理中可能需要与您核实情况｛，我们会用 〔电话〕 与您联系｝；"
            "来电如自称学校或其他单位询问您是否反映过问题，请不要答复，并告诉我们。\n\n"
            f"需要补充材料时，请直接回复本邮件，不必重新发信。\n\n{_SIGNED}",
            aloud="您反映的事我们已经受理了，由〔股室〕办。中间可能要跟您再核实一下，都用我们这个号码打。"
            "如果有学校的人问您是不是反映过，您可以不说，也请告诉我们一声。",
        ),
        _N.REFUSED_LEGAL_REMEDY: _refusal(
            "不予受理告知书",
            "已经或者依法应当通过诉讼、仲裁、行政复议等法定途径解决",
            _ON_PETITIONS,
            "我局不予受理",
            "这件事要通过诉讼、仲裁或者行政复议这些法定的途径解决，我们局里按规定不能受理",
        ),
        _N.REFUSED_HANDLED_ELSEWHERE: _refusal(
            "不予受理告知书",
            "有权处理的机关已经受理或者正在办理",
            f"{_ON_PETITIONS}第十九条",
            "我局不予受理",
            "这件事已经有别的机关在办了，我们局里按规定不再另外受理",
        ),
        _N.REFUSED_FINAL_OPINION: _refusal(
            "不再受理告知书",
            "已有处理（复查、复核）意见，此次提出的事实和理由与原来相同",
            f"{_ON_PETITIONS}第三十六条",
            "我局不再受理",
            "这件事已经有了处理意见，这次说的事实和理由跟原来一样，按规定不再受理",
        ),
        _N.REFUSED_INFORMATION_REQUEST: _refusal(
            "申请渠道告知",
            "属于申请政府信息公开",
            "《中华人民共和国政府信息公开条例》",
            "请按信息公开的渠道提出申请，我局不作为反映事项受理",
            "您要的是政府信息公开，要走信息公开申请这个渠道",
        ),
        _N.TRANSFERRED: Text(
            subject="转出告知",
            body="您好：\n\n您反映的事项（编号 〔编号〕）不属于我局职责，已于 〔日期和星期〕转〔转往单位〕处理。〔联系方式去向〕\n\n"
            f"{_ASK}\n\n{_SIGNED}",
            aloud="您反映的事不归教育局管，我们已经在〔月日〕转给〔转往单位〕了。〔联系方式去向〕",
        ),
        _N.PASSED_ON: Text(
            subject="事项告知",
            body="您好：\n\n您反映的问题（编号 〔编号〕）涉及人员纪律问题，我们已按规定移送有权机关。"
            f"为保护您，我们不会将材料转给被反映的单位和个人。\n\n{_SIGNED}",
            aloud="您反映的问题涉及人员纪律，我们已按规定移送有权机关。为保护您，我们不会将材料转给被反映的单位和个人。",
        ),
        _N.MERGED: Text(
            subject="合并办理告知",
            body="您好：\n\n您反映的事项（编号 〔编号〕）与我局正在办理的事项相同，合并办理，办结后会单独答复您。"
            f"您的编号仍可用于查询。\n\n{_SIGNED}",
            aloud="您反映的事跟我们正在办的一件是同一件事，合在一起办，办完会单独答复您。您的编号还可以用来查。",
        ),
        _N.EXTENDED: Text(
            subject="延期告知",
            body="您好：\n\n您反映的事项（编号 〔编号〕）原定 〔原定日期〕前办结。因〔理由〕，｛依据〔依据〕，｝经批准，"
            "办理期限延长至 〔延长至〕。给您带来不便，请谅解。\n\n｛目前进展：〔进展〕｝｛联系电话：〔电话〕。｝\n\n"
            f"{_SIGNED}",
            aloud="您反映的事原来定在〔原定月日〕前办完，因为〔理由〕，经批准延到〔延长月日〕。给您添麻烦了，请谅解。｛〔进展〕｝",
        ),
        _N.SPLIT: Text(
            subject="另行办理告知",
            body="您好：\n\n您反映的事项（编号 〔原编号〕）中有一部分属于另一件事，我们另行登记办理，会分别答复您。\n\n"
            "另行办理的编号：〔编号〕\n查询码：〔查询码〕\n\n｛查询进度，请拨打 〔电话〕（不必说姓名，报编号即可）。｝\n\n"
            f"{_SIGNED}",
            aloud="您反映的事里有一部分是另一件事，我们单独登记来办，会分别答复您。新的编号是〔编号〕，查询码是〔查询码〕。",
        ),
        _N.ANSWER: Text(
            subject="答复",
            body="您好：\n\n您反映的事项（编号 〔编号〕），我局已核查办理，现答复如下：\n\n〔答复〕\n\n"
            "｛如果您对答复有疑问，请拨打 〔电话〕。｝｛如不服本处理意见，可自收到之日起 30 日内向〔复查机关〕申请复查。｝\n\n"
            f"｛请用一个字回复本邮件，告诉我们您的评价：〔评价〕（可说明原因）。｝\n\n感谢您的监督。\n\n{_SIGNED}",
            aloud="您反映的事（编号 〔编号〕）办完了，我把答复念给您听。〔答复〕",
        ),
        _N.ANSWER_CONSULTATION: Text(
            subject="答复",
            body="您好：\n\n您咨询的问题（编号 〔编号〕），现答复如下：\n\n〔答复〕\n\n"
            f"｛如果您对答复有疑问，请拨打 〔电话〕。｝\n\n感谢您的来信。\n\n{_SIGNED}",
            aloud="您咨询的问题（编号 〔编号〕）有答复了，我念给您听。〔答复〕",
        ),
        _N.ANSWER_PASSED_ON: Text(
            subject="答复",
            body="您好：\n\n您反映的事项（编号 〔编号〕），我局已核查办理，现答复如下：\n\n〔答复〕\n\n"
            f"｛如果您对答复有疑问，请拨打 〔电话〕。｝\n\n感谢您的来信。\n\n{_SIGNED}",
            aloud="您反映的事（编号 〔编号〕）有答复了，我念给您听。〔答复〕",
        ),
        _N.OUTLINE_TRUE: Text(
            body="一、核查情况：我局于〔日期〕通过〔查阅资料、现场查看、走访〕进行了核查。〔事实，一到三句〕\n"
            "二、处理结果：您反映的〔事项〕情况属实。我局已责成学校〔停止收取并于某日前退还〕，〔同类问题已一并清查〕。\n"
            "三、依据：〔文号、条款〕",
        ),
        _N.OUTLINE_PARTLY_TRUE: Text(
            body="一、核查情况：我局于〔日期〕通过〔查阅资料、现场查看、走访〕进行了核查。〔事实，一到三句〕\n"
            "二、处理结果：其中〔哪一点〕属实，已〔怎样处理〕；〔另一点〕经核查与事实不一致，情况是〔说明〕。\n"
            "三、依据：〔文号、条款〕",
        ),
        _N.OUTLINE_UNTRUE: Text(
            body="一、核查情况：我局于〔日期〕通过〔查阅资料、现场查看、走访〕进行了核查。〔事实，一到三句〕\n"
            "二、处理结果：经核查，未发现您反映的〔事项〕情况。学校目前的做法是〔说明〕，依据是〔文号、条款〕。\n"
            "三、依据：〔文号、条款〕",
        ),
        _N.OUTLINE_UNVERIFIABLE: Text(
            body="一、核查情况：我局于〔日期〕通过〔查阅资料、现场查看、走访〕进行了核查。〔事实，一到三句〕\n"
            "二、处理结果：因〔时间较久、没有具体班级〕，现有材料不足以认定。我们已要求学校对〔事项〕进行自查，并纳入〔学期检查〕。"
            "如有照片、票据等线索，请随时补充，我们会重新核查。\n三、依据：〔文号、条款〕",
        ),
        _N.OUTLINE_CONSULTATION: Text(body="您咨询的〔问题〕，〔直接回答〕。依据：〔文号、条款〕。"),
        _N.FACTS: Text(
            subject="请补充情况",
            body="您好：\n\n您反映的事项（编号 〔编号〕）我们正在核对。为便于核查，请您补充：〔要补充的情况〕。\n\n"
            "请直接回复本邮件，不必重新发信；不便提供的，可以不写。｛也可以拨打 〔电话〕，报编号即可。｝\n"
            f"您的姓名、电话、邮箱不会提供给学校。\n\n{_SIGNED}",
            aloud="您反映的事我们正在核对，想请您补充一下：〔要补充的情况〕。不方便说的可以不说。",
        ),
    }
)

_ANSWERED = Blank(name="答复", means="审核通过的答复内容", sample="一、核查情况：……", must=True)
_CODE = Blank(name="查询码", means="这一件的查询码", sample="38 52 16 40 71", must=True)
_WRITTEN_ON = Blank(name="来信日期", means="来信的日期和星期", sample="2026年11月23日（星期一）")
_WHERE = Blank(
    name="具体说明和去处",
    means="不予受理时填写的说明",
    sample="您可以向县人民法院提出。",
    may_be_empty=True,
)
_FURTHER: Mapping[LetterName, tuple[Blank, ...]] = MappingProxyType(
    {
        _N.ACKNOWLEDGED: (
            _WRITTEN_ON,
            _CODE,
            Blank(
                name="识别提示",
                means="邮件没有全部识别时的一句话，平常没有",
                sample="邮件中有内容未能正常显示，工作人员会人工核对；如方便，也可来电说明。",
                may_be_empty=True,
            ),
        ),
        _N.ACCEPTED: (Blank(name="法定天数", means="法定办理天数", sample="60"),),
        _N.REFUSED_LEGAL_REMEDY: (_DAY, _WHERE),
        _N.REFUSED_HANDLED_ELSEWHERE: (_DAY, _WHERE),
        _N.REFUSED_FINAL_OPINION: (_DAY, _WHERE),
        _N.REFUSED_INFORMATION_REQUEST: (_DAY, _WHERE),
        _N.TRANSFERRED: (
            Blank(name="转往单位", means="转给哪个单位", sample="县市场监督管理局", must=True),
            Blank(name="日期和星期", means="转出的日期和星期", sample="2026年11月27日（星期五）"),
            Blank(name="月日", means="转出的月和日", sample="11月27日"),
            Blank(
                name="联系方式去向",
                means="联系方式有没有一起转出",
                sample="转送时未附您的联系方式。",
                must=True,
            ),
        ),
        _N.EXTENDED: (
            Blank(name="原定日期", means="原定办结日期和星期", sample="2026年12月7日（星期一）", must=True),
            Blank(name="延长至", means="延长后的日期和星期", sample="2026年12月18日（星期五）", must=True),
            Blank(name="原定月日", means="原定的月和日", sample="12月7日"),
            Blank(name="延长月日", means="延长后的月和日", sample="12月18日"),
            Blank(name="理由", means="批准的延期理由", sample="需多部门共同核查", must=True),
            Blank(
                name="依据",
                means="延长法定期限时的条款，平常没有",
                sample="《信访工作条例》第三十四条",
                may_be_empty=True,
            ),
            Blank(name="进展", means="目前进展，可能没有", sample="学校已报来名单。", may_be_empty=True),
        ),
        _N.SPLIT: (
            Blank(name="原编号", means="拆分前的编号", sample="ZJ20261123-0003", must=True),
            _CODE,
        ),
        _N.ANSWER: (
            _ANSWERED,
            Blank(
                name="复查机关",
                means="按信访事项办理的才有",
                sample="安溪县人民政府",
                may_be_empty=True,
            ),
            Blank(
                name="评价",
                means="三种评价；不能回信的没有",
                sample="1 满意　2 基本满意　3 不满意",
                may_be_empty=True,
            ),
        ),
        _N.ANSWER_CONSULTATION: (_ANSWERED,),
        _N.ANSWER_PASSED_ON: (_ANSWERED,),
        _N.FACTS: (
            Blank(
                name="要补充的情况",
                means="从清单里选的几项",
                sample="学校全称；收费的时间和金额",
                must=True,
            ),
        ),
    }
)
OUTLINES = frozenset(name for name in LetterName if name.value.startswith("outline_"))


def blanks_of(name: LetterName) -> tuple[Blank, ...]:
    """What may stand in the text of that name; an outline's blanks are filled in by whoever answers."""
    if name in OUTLINES:
        return ()
    if name is LetterName.ACKNOWLEDGED_REST:
        pairs = Blank(
            name="编号和查询码",
            means="每一件一行",
            sample="编号：ZJ20261123-0007　查询码：38 52 16 40 71",
            must=True,
        )
        return (*(each for each in _COMMON if each is not _NUMBER), _WRITTEN_ON, pairs)
    return (*_COMMON, *_FURTHER.get(name, ()))
