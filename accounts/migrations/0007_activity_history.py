import django.db.models.deletion
from django.db import migrations, models

REFUSAL = "The history is append-only."
KEPT = "id, team_id, verb, post_id, account_id, old, at"
EMPTIED = "actor_id, actor_name, subject, new"
# A name may be emptied when its person leaves; nothing else ever changes.
SAYS_ELSE = """
    (NEW.actor_id IS NOT NULL AND (OLD.actor_id IS NULL OR NEW.actor_id <> OLD.actor_id))
    OR (NEW.actor_name <> '' AND NEW.actor_name <> OLD.actor_name)
    OR (NEW.subject <> '' AND NEW.subject <> OLD.subject)
    OR (NEW.new <> '' AND NEW.new <> OLD.new)
"""
SQLITE = [
    f"""
    CREATE TRIGGER activity_is_kept BEFORE UPDATE OF {KEPT} ON accounts_activity
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER activity_is_only_emptied BEFORE UPDATE OF {EMPTIED} ON accounts_activity
    WHEN {SAYS_ELSE}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION activity_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{REFUSAL}'; END
    $$
    """,
    f"""
    CREATE TRIGGER activity_is_kept BEFORE UPDATE OF {KEPT} ON accounts_activity
    FOR EACH ROW EXECUTE FUNCTION activity_refuse()
    """,
    f"""
    CREATE TRIGGER activity_is_only_emptied BEFORE UPDATE OF {EMPTIED} ON accounts_activity
    FOR EACH ROW WHEN ({SAYS_ELSE}) EXECUTE FUNCTION activity_refuse()
    """,
]
UNDO = {
    "sqlite": ["DROP TRIGGER activity_is_only_emptied", "DROP TRIGGER activity_is_kept"],
    "postgresql": [
        "DROP TRIGGER activity_is_only_emptied ON accounts_activity",
        "DROP TRIGGER activity_is_kept ON accounts_activity",
        "DROP FUNCTION activity_refuse()",
    ],
}


def refuse_changes(apps, schema_editor):
    """On SQLite a later migration that alters the table makes it anew, without its triggers: it
    has to make them again. tests/accounts/test_activity.py finds out."""
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_activity"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="account",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="accounts.tiktokaccount",
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="actor_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=["team", "actor", "-at", "-id"], name="activity_team_actor_at"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=["team", "verb", "-at", "-id"], name="activity_team_verb_at"
            ),
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
