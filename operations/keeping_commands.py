"""`keys rotate`, `keys drop-old`, `retention run`: what is done once in years, by a person who has read the handbook."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from core.clock import office_day
from core.errors import DomainError, RanWithProblem
from operations import retention, rotation

keys = AppGroup("keys", help="密钥：更换。")
retention_ = AppGroup("retention", help="到期销毁反映人信息。")


@keys.command("rotate")
def rotate() -> None:
    """更换加密用的密钥（先停止系统）；中途断电可以再运行一次。"""
    done = rotation.rotate()
    click.echo(
        f"{'接着上次，' if done.resumed else ''}已换用新密钥 {done.wrap_id}：数据密钥 {done.data_keys} 个，附件和邮件原件 {done.blobs} 个。"
    )
    click.echo("密钥文件已改变：请马上重新封存两份。旧密钥还留在文件里，以便打开旧备份。")
    if done.unreadable:
        raise RanWithProblem(
            f"有 {len(done.unreadable)} 个附件打不开，没有更换。请运行 mail reconcile，并从备份恢复它们。"
        )


@keys.command("drop-old")
def drop_old() -> None:
    """从密钥文件里去掉旧密钥；去掉后，换密钥以前的备份要用当时封存的密钥文件才能打开。"""
    gone = rotation.drop_old()
    click.echo(f"已去掉旧密钥 {gone} 个。请重新封存密钥文件。" if gone else "密钥文件里没有旧密钥。")


@retention_.command("run")
@click.option("--years", type=int, required=True, help="办结满几年的销毁反映人信息。由单位决定，至少 3 年。")
@click.option("--dry-run", is_flag=True, help="只列出会销毁哪些，不销毁。")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象。")
def run(*, years: int, dry_run: bool, as_json: bool) -> None:
    """销毁办结已满年限的件的姓名、电话、原话、附件和邮件原件；编号、脱敏后的内容、经过和统计保留。不能撤销。"""
    try:
        done = retention.run(years=years, dry_run=dry_run)
    except DomainError as refusal:
        raise RanWithProblem(str(refusal)) from refusal
    if as_json:
        plain = {
            "dry_run": done.dry_run,
            "before": office_day(done.before).isoformat(),
            "tickets": list(done.numbers),
            "blobs": done.blobs,
        }
        click.echo(json.dumps(plain, ensure_ascii=False))
        return
    for number in done.numbers:
        click.echo(number)
    verb = "将销毁" if dry_run else "已销毁"
    click.echo(
        f"{verb} {office_day(done.before)} 以前办结的 {len(done.numbers)} 件的反映人信息，附件和邮件原件 {done.blobs} 个。"
    )
