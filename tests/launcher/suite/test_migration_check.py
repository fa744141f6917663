"""script/test refuses migrations that are not safe while the previous version still runs."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from script.launcher.paths import ROOT
from script.launcher.suite.checks import CHECKS
from script.launcher.system.staying_here import held

CHECK = CHECKS["safe migrations"]
SETTINGS = """
from config.settings.test import *
INSTALLED_APPS = [*INSTALLED_APPS, "letters"]
MIGRATION_LINTER_OPTIONS = {**MIGRATION_LINTER_OPTIONS, "include_apps": ["letters"]}
"""
MIGRATION = """
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = [{operation}]
"""
TEXT = "models.TextField(null=True)"
FIRST = (
    "migrations.CreateModel('Letter', [('id', models.AutoField(primary_key=True)),"
    f" ('a', {TEXT}), ('b', {TEXT})])"
)


def sql(statements: str) -> str:
    quoted = statements.replace("''", "\\'")
    return f"migrations.RunSQL('{quoted}', '')"


SAFE = {
    "empty_column": f"migrations.AddField('Letter', 'c', {TEXT})",
    "default_in_database": "migrations.AddField('Letter', 'd', models.TextField(db_default=''))",
    "moment_of_the_migration": sql("ALTER TABLE letters_letter ADD g timestamptz DEFAULT now()"),
    "constraint_for_new_rows": sql(
        "ALTER TABLE letters_letter ADD CONSTRAINT h CHECK (c > 0) NOT VALID"
    ),
    "looks_at_old_rows": sql("ALTER TABLE letters_letter VALIDATE CONSTRAINT h"),
    "some_rows": sql("UPDATE letters_letter\\nSET a = b\\nWHERE a IS NULL"),
    "constraint_of_a_new_table": (
        "migrations.CreateModel('Note', [('id', models.AutoField(primary_key=True))]),"
        " migrations.AddConstraint('Note', models.CheckConstraint("
        "condition=models.Q(id__gt=0), name='j'))"
    ),
    "only_in_words": sql("COMMENT ON TABLE letters_letter IS ''UPDATE x; CLUSTER x''"),
}
UNSAFE = {
    "column_that_must_be_filled": (
        "migrations.AddField('Letter', 'e', models.TextField(default=''))",
        "NOT NULL constraint",
    ),
    "renamed_column": ("migrations.RenameField('Letter', 'a', 'f')", "RENAMING columns"),
    "dropped_column": ("migrations.RemoveField('Letter', 'b')", "DROPPING columns"),
    "changed_type": (
        "migrations.AlterField('Letter', 'c', models.IntegerField(null=True))",
        "ALTERING columns",
    ),
    "index_under_a_lock": (
        "migrations.AddIndex('Letter', models.Index(fields=['d'], name='by_d'))",
        "CREATE INDEX locks table",
    ),
    "other_default_in_each_row": (
        "migrations.AddField('Letter', 'k', models.UUIDField(db_default=RandomUUID(), null=True))",
        "computed for each row",
    ),
    "numbers": (sql("ALTER TABLE letters_letter ADD COLUMN l bigserial"), "computed for each row"),
    "constraint": (
        "migrations.AddConstraint('Letter', models.CheckConstraint("
        "condition=models.Q(c__gt=0), name='m'))",
        "NOT VALID",
    ),
    "reference": (
        sql("ALTER TABLE letters_letter\\n ADD FOREIGN KEY (c) REFERENCES letters_letter"),
        "NOT VALID",
    ),
    "all_rows": (sql("UPDATE letters_letter\\nSET a = b"), "Changing a whole table"),
    "order_on_disk": (sql("CLUSTER letters_letter USING by_d"), "lock out everybody"),
}


def lint(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "letter_settings",
        **held(str(folder)),
    }
    return subprocess.run(
        [sys.executable, *CHECK, *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_unsafe_migrations_are_refused_and_safe_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "letter_settings.py").write_text(SETTINGS)
    folder = tmp_path / "letters" / "migrations"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    unsafe = {name: operation for name, (operation, _) in UNSAFE.items()}
    before = ""
    for number, (name, operation) in enumerate(({"first": FIRST} | SAFE | unsafe).items()):
        dependencies = [("letters", before)] if before else []
        before = f"{number:04}_{name}"
        text = MIGRATION.format(dependencies=dependencies, operation=operation)
        (folder / f"{before}.py").write_text(text)
    done = lint(tmp_path)
    verdicts = {
        name: (verdict, reasons)
        for name, verdict, reasons in re.findall(
            r"^\(letters, \d{4}_(\w+)\)\.\.\. (\w+)\n((?:\t.*\n)*)", done.stdout, re.MULTILINE
        )
    }
    assert done.returncode == 1, done.stderr
    for name in ("first", *SAFE):
        assert verdicts[name] == ("OK", ""), done.stdout
    for name, (_, reason) in UNSAFE.items():
        assert verdicts[name][0] == "ERR", done.stdout + done.stderr
        assert reason in verdicts[name][1]


def test_every_migration_that_is_let_off_exists() -> None:
    names = {path.stem for path in ROOT.glob("*/migrations/0*.py")}
    options: dict[str, Any] = settings.MIGRATION_LINTER_OPTIONS
    assert set(options["ignore_name"]) <= names
