import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0013_pulse"),
    ]

    operations = [
        migrations.CreateModel(
            name="Exchange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("method", models.CharField(max_length=8)),
                ("endpoint", models.CharField(max_length=100)),
                ("request", models.TextField()),
                ("http_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("answer", models.TextField()),
                ("error", models.CharField(blank=True, max_length=100)),
                ("duration_ms", models.PositiveIntegerField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exchanges",
                        to="publishing.post",
                    ),
                ),
            ],
            options={"ordering": ["at", "id"]},
        ),
        migrations.AddField(
            model_name="attempt",
            name="upload_bytes_per_s",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("upload_bytes_per_s__isnull", False)),
                fields=["initialised_at"],
                name="attempt_measured",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome", "unconfirmed")),
                fields=["init_intended_at"],
                name="attempt_unconfirmed",
            ),
        ),
    ]
