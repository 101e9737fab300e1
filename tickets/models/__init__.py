"""The tables of the domain. Import from here; every table must be known before the mappers are configured."""

from tickets.models.check import SpotCheck
from tickets.models.deadline import Deadline, Extension, Suspension
from tickets.models.desk import (
    Draft,
    GroupMember,
    PolicyEntry,
    PolicyUse,
    PolicyVersion,
    RelatedGroup,
    SavedView,
)
from tickets.models.lookup import LookupTry
from tickets.models.notice import LetterText, Notice
from tickets.models.order import DisclosureConsent, Inquiry, Order, OrderMessage
from tickets.models.overdue import InquirySnapshot, OverdueNote, RenewalReminder, SnapshotSection
from tickets.models.paper import HandOver, PaperApproval, WriteOff, WriteOffTicket
from tickets.models.people import Attachment, Complainant, Message, Reveal, Verbatim
from tickets.models.register import CalendarDay, CalendarYear, Category, School, SchoolAlias, SchoolContact
from tickets.models.reminder import ClusterAlarm, MovedUp, NoticeAddress, Reminder
from tickets.models.search import TicketSearch
from tickets.models.secrecy import LeakInquiry, Pressure, SealedHandOver, SecrecyNotice
from tickets.models.ticket import (
    InformedSection,
    NumberCounter,
    Ticket,
    TicketCategory,
    TicketEvent,
    TicketSchool,
)

__all__ = [
    "Attachment",
    "CalendarDay",
    "CalendarYear",
    "Category",
    "ClusterAlarm",
    "Complainant",
    "Deadline",
    "DisclosureConsent",
    "Draft",
    "Extension",
    "GroupMember",
    "HandOver",
    "InformedSection",
    "Inquiry",
    "InquirySnapshot",
    "LeakInquiry",
    "LetterText",
    "LookupTry",
    "Message",
    "MovedUp",
    "Notice",
    "NoticeAddress",
    "NumberCounter",
    "Order",
    "OrderMessage",
    "OverdueNote",
    "PaperApproval",
    "PolicyEntry",
    "PolicyUse",
    "PolicyVersion",
    "Pressure",
    "RelatedGroup",
    "Reminder",
    "RenewalReminder",
    "Reveal",
    "SavedView",
    "School",
    "SchoolAlias",
    "SchoolContact",
    "SealedHandOver",
    "SecrecyNotice",
    "SnapshotSection",
    "SpotCheck",
    "Suspension",
    "Ticket",
    "TicketCategory",
    "TicketEvent",
    "TicketSchool",
    "TicketSearch",
    "Verbatim",
    "WriteOff",
    "WriteOffTicket",
]
