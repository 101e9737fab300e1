"""What the outbox page asks for."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from core.forms import OfficeForm
from outbox.vocabulary import CancelReason


class CancelForm(OfficeForm):
    """Why a mail is taken back."""

    reason = SelectField("为什么不发", choices=[SelectChoice(str(each), each.label) for each in CancelReason])
