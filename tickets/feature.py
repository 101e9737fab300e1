"""What the tickets bring along: seeds, commands, pages, menu entries."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, url_for

from accounts.access import PUBLIC, allow, roles
from accounts.actor import Actor
from accounts.current import current_actor
from accounts.vocabulary import Role
from core.clock import now
from core.db import db
from core.registry import Banner, Job, MenuEntry, registry
from tickets import drafts, handover, policy_entries, registers, school_commands
from tickets.commands import commands
from tickets.letters import sending, spoken
from tickets.queries.listing import Badges, badges
from tickets.reminders import alarms, jobs
from tickets.secrecy import notices
from tickets.views import bp, paper
from tickets.views import drafts as draft_views

_DESK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


def init_app(app: Flask) -> None:
    """Registers seeds, commands, pages and menu entries."""
    app.register_blueprint(bp)
    app.cli.add_command(commands)
    app.cli.add_command(school_commands.commands)
    sending.init_app(app)
    jobs.init_app(app)
    app.context_processor(_search_box)
    app.add_template_filter(spoken, "in_pairs")
    allow(
        app,
        roles(*_DESK),
        [
            "tickets.home",
            "tickets.away",
            "tickets.delegate",
            "tickets.end_delegation",
            "tickets.reminder_address",
            "tickets.index",
            "tickets.search",
            "tickets.new",
            "tickets.advice",
            "tickets.blank_form",
            "tickets.view_save",
            "tickets.view_remove",
            "tickets.related",
            "tickets.link",
            "tickets.unlink",
            "tickets.group",
            "tickets.drafts",
            "tickets.draft_save",
            "tickets.draft_discard",
            "tickets.policies",
            "tickets.policy",
            "tickets.progress",
            "tickets.show",
            "tickets.act",
            "tickets.reveal",
            "tickets.verbatim",
            "tickets.remark",
            "tickets.attachment",
            "tickets.orders",
            "tickets.order",
            "tickets.order_new",
            "tickets.order_act",
            "tickets.release",
            "tickets.consent",
            "tickets.consent_end",
            "tickets.inquire",
            "tickets.bulk",
            "tickets.write_off",
            "tickets.write_off_propose",
            "tickets.write_off_decide",
            "tickets.write_off_print",
            "tickets.bulk_do",
            "tickets.paper",
            "tickets.paper_record",
            "tickets.papers",
            "tickets.paper_judge",
            "tickets.prints",
            "tickets.print_registration",
            "tickets.print_file",
            "tickets.print_identity",
            "tickets.print_order",
            "tickets.print_delivery",
            "tickets.print_feedback",
            "tickets.secrecy",
            "tickets.pressure",
            "tickets.leak_inquiry_start",
            "tickets.leak_inquiry",
            "tickets.leak_inquiry_end",
            "tickets.sealed_ask",
            "tickets.sealed_act",
            "tickets.sealed_print",
        ],
    )
    allow(
        app,
        roles(*_DESK, Role.SUPERVISOR),
        ["tickets.overdue", "tickets.snapshots", "tickets.snapshot", "tickets.snapshot_file"],
    )
    allow(app, roles(*_DESK), ["tickets.freeze"])
    allow(
        app, roles(Role.HEAD, Role.LEADER), ["tickets.checks", "tickets.checks_draw", "tickets.checks_settle"]
    )
    allow(app, roles(Role.HANDLER, Role.HEAD), ["tickets.explain"])
    allow(app, roles(Role.HANDLER, Role.HEAD, Role.LEADER), ["tickets.guard"])
    allow(app, roles(Role.HEAD, Role.LEADER), ["tickets.guard_read"])
    allow(app, roles(Role.HANDLER, Role.HEAD), ["tickets.phone_search"])
    allow(
        app,
        roles(Role.ADMIN, Role.HEAD),
        [
            "tickets.calendar",
            "tickets.calendar_read",
            "tickets.calendar_save",
            "tickets.letters",
            "tickets.letters_save",
            "tickets.letters_shipped",
            "tickets.schools",
            "tickets.schools_import",
            "tickets.schools_read",
            "tickets.schools_save",
            "tickets.school",
            "tickets.school_edit",
            "tickets.school_merge",
            "tickets.school_contact",
            "tickets.school_contact_end",
        ],
    )
    allow(app, roles(Role.HEAD), ["tickets.policy_new", "tickets.policy_edit", "tickets.policy_withdraw"])
    allow(app, PUBLIC, ["tickets.lookup"])
    allow(
        app,
        roles(Role.HEAD, Role.LEADER),
        ["tickets.hand_over_all", "tickets.hand_over_do", "tickets.hand_over_sheet"],
    )
    found = registry(app)
    found.banners.append(_secrecy_banner)
    found.banners.append(lambda actor: alarms.banners(actor, _badges(actor).in_danger))
    found.seeds += [registers.seed_categories, registers.seed_calendar, policy_entries.seed]
    found.jobs.append(Job(name="tickets.forget_drafts", run=drafts.forget_old, at=(3, 50)))
    draft_views.init_app(app)
    found.banners.append(paper.banners)
    found.about_accounts.append(handover.left_behind)
    found.menu += [
        MenuEntry(label="销号", endpoint="tickets.write_off", position=32, visible=lambda _actor: True),
        MenuEntry(label="代理与提醒", endpoint="tickets.away", position=94, visible=lambda _actor: True),
        MenuEntry(
            label="日历",
            endpoint="tickets.calendar",
            position=85,
            visible=lambda actor: actor.has(Role.ADMIN, Role.HEAD),
        ),
        MenuEntry(
            label="信件文本",
            endpoint="tickets.letters",
            position=86,
            visible=lambda actor: actor.has(Role.ADMIN, Role.HEAD),
        ),
        MenuEntry(
            label="学校名册",
            endpoint="tickets.schools",
            position=84,
            visible=lambda actor: actor.has(Role.ADMIN, Role.HEAD),
        ),
        MenuEntry(
            label="抽查",
            endpoint="tickets.checks",
            position=35,
            visible=lambda actor: actor.has(Role.HEAD, Role.LEADER),
        ),
        MenuEntry(label="工作台", endpoint="tickets.home", position=5, visible=lambda _actor: True),
        MenuEntry(
            label="诉求件",
            endpoint="tickets.index",
            position=10,
            visible=lambda _actor: True,
            badge=lambda actor: _badges(actor).pending,
        ),
        MenuEntry(label="保密", endpoint="tickets.guard", position=60, visible=lambda _actor: True),
        MenuEntry(label="登记来电", endpoint="tickets.new", position=20, visible=lambda _actor: True),
        MenuEntry(label="政策口径", endpoint="tickets.policies", position=27, visible=lambda _actor: True),
        MenuEntry(label="查进度", endpoint="tickets.progress", position=25, visible=lambda _actor: True),
        MenuEntry(
            label="超期",
            endpoint="tickets.overdue",
            position=30,
            visible=lambda _actor: True,
            badge=lambda actor: _badges(actor).overdue,
        ),
    ]


def _secrecy_banner(actor: Actor) -> list[Banner]:
    """Heads and leaders are told above every page until they have read it."""
    count = notices.unread(db.session(), actor)
    if not count:
        return []
    text = f"有 {count} 条保密提醒没有看：打听施压、泄密核查、密封移交或查看联系方式过多。"
    return [Banner(level="warning", text=text, url=url_for("tickets.guard"))]


def _badges(actor: Actor) -> Badges:
    """Counted once a page."""
    if "ticket_badges" not in g:
        g.ticket_badges = badges(db.session(), actor, now())
    counted: Badges = g.ticket_badges
    return counted


def _search_box() -> dict[str, Any]:
    """The search field of the page's head, for those who may search."""
    actor = current_actor()
    return {"search_url": url_for("tickets.search")} if actor is not None and actor.has(*_DESK) else {}
