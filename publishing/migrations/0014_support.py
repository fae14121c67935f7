from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0013_pulse"),
    ]

    operations = [
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
