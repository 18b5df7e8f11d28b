"""A table prints our figures, with the paper's beside those that it has, and hides nothing."""

from __future__ import annotations

import json

from pgvgen.evaluation.tables import (
    PAPER_TABLE_1,
    PAPER_TABLE_5,
    Column,
    Row,
    Table,
)

TABLE = Table(
    "Table 1",
    (Column("Average L2", 4, "lower"), Column("speed", 2), Column("accuracy", 1, "higher")),
    (
        Row("static", {"Average L2": 0.01412, "speed": 0.0}),
        Row("PSGAN", {"Average L2": 0.00987, "speed": 0.984, "accuracy": 0.75},
            {"Average L2": 0.0064}),
    ),
    "How to read it.",
)  # fmt: skip


def test_the_papers_figures_stand_beside_ours() -> None:
    assert TABLE.cells() == [
        ["", "Average L2 ↓", "paper", "speed", "accuracy ↑"],
        ["static", "0.0141", "", "0.00", ""],
        ["PSGAN", "0.0099", "0.0064", "0.98", "0.8"],
    ]


def test_markdown_is_aligned_and_whole() -> None:
    assert TABLE.markdown().splitlines() == [
        "### Table 1",
        "",
        "|        | Average L2 ↓ |  paper | speed | accuracy ↑ |",
        "| ------ | -----------: | -----: | ----: | ---------: |",
        "| static |       0.0141 |        |  0.00 |            |",
        "| PSGAN  |       0.0099 | 0.0064 |  0.98 |        0.8 |",
        "",
        "How to read it.",
    ]


def test_an_interval_stands_behind_its_mean() -> None:
    table = Table("T", (Column("FID", 1),), (Row("PSGAN", {"FID": 3.14}, {}, {"FID": 0.26}),))
    assert table.cells() == [["", "FID"], ["PSGAN", "3.1 ± 0.3"]]
    assert table.records()[0]["interval"] == {"FID": 0.26}


def test_records_are_json_and_unrounded() -> None:
    records = json.loads(json.dumps(TABLE.records()))
    assert records == [
        {"table": "Table 1", "row": "static", "ours": {"Average L2": 0.01412, "speed": 0.0}},
        {
            "table": "Table 1",
            "row": "PSGAN",
            "ours": {"Average L2": 0.00987, "speed": 0.984, "accuracy": 0.75},
            "paper": {"Average L2": 0.0064},
        },
    ]


def test_the_papers_tables_say_what_the_paper_says() -> None:
    """What its text concludes from them: a slip of the keyboard would most likely break it."""
    assert PAPER_TABLE_1["ground truth"] == {"action": 0, "face": 0}
    for data in ("action", "face"):
        errors = [PAPER_TABLE_1[name][data] for name in ("PSGAN-L1", "PSGAN w/o LSTM", "PSGAN")]
        assert errors == sorted(errors, reverse=True)
    for data in ("action", "face"):
        ssim = {name: row[data]["SSIM"] for name, row in PAPER_TABLE_5.items()}
        assert ssim["static"] < ssim["SCGAN-gen"] < ssim["SCGAN"] < ssim["SCGAN-gt"]
