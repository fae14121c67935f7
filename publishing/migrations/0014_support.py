from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0013_pulse"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome", "unconfirmed")),
                fields=["init_intended_at"],
                name="attempt_unconfirmed",
            ),
        ),
    ]
