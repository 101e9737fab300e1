"""What a run of the benches writes and what it leaves."""

from __future__ import annotations

from benchmarks.pages import Column, Took, grown, missed, table
from benchmarks.results import replaced

PAGE = "# What was measured\n\n## Intake\n\nold\n\n## Pages\n\nkept\n"


def test_a_section_is_written_anew_and_the_others_stay() -> None:
    assert replaced(PAGE, "Intake", "new") == "# What was measured\n\n## Intake\n\nnew\n\n## Pages\n\nkept\n"
    assert replaced(PAGE, "Pages", "new").endswith("## Intake\n\nold\n\n## Pages\n\nnew\n")


def test_a_new_section_comes_at_the_end() -> None:
    assert replaced(PAGE, "A million tickets", "text").endswith("kept\n\n## A million tickets\n\ntext\n")


def _column(tickets: int, wall: float, cpu: float) -> Column:
    pages = {"list": Took(wall=wall, cpu=cpu), "monthly bulletin": Took(wall=9000, cpu=8000)}
    return Column(engine="sqlite", tickets=tickets, filled_in=1, pages=pages)


def test_a_figure_over_its_limit_says_what_holds_it() -> None:
    (sentence,) = missed([_column(1_000, 9.0, 7.0), _column(100_000, 14.5, 9.5)])

    assert sentence.startswith("list, 100,000 on sqlite: 14.5 ms instead of 12")
    assert "9.5 ms" in sentence
    assert "5.0 ms wait" in sentence


def test_growth_is_that_of_the_page_that_grows_most() -> None:
    (sentence,) = grown([_column(100_000, 18.0, 9.0), _column(1_000, 9.0, 7.0)])

    assert "from 1,000 to 100,000" in sentence
    assert "“list”, to 2.0 times" in sentence


def test_the_table_has_a_column_a_size_and_the_limit_beside_it() -> None:
    lines = table([_column(1_000, 9.0, 7.0), _column(100_000, 14.5, 9.5)]).splitlines()

    assert lines[0] == "| page, ms | 1,000 sqlite | 100,000 sqlite | wanted at 100,000 |"
    assert lines[2] == "| list | 9.0 (7.0) | 14.5 (9.5) | 12 |"
    assert lines[3] == "| monthly bulletin | 9,000 (8,000) | 9,000 (8,000) |  |"
