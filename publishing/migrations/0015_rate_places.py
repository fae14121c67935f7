from django.db import migrations, models


def forget_uses(apps, schema_editor):
    """A minute's counting, kept without places: TikTok refuses what is asked too soon, once."""
    apps.get_model("publishing", "RateUse").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0014_support"),
    ]

    operations = [
        migrations.RunPython(forget_uses, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="rateuse", name="rate_window"),
        migrations.AddField(
            model_name="rateuse",
            name="place",
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="rateuse",
            constraint=models.UniqueConstraint(
                fields=("account", "endpoint", "place"), name="rate_place"
            ),
        ),
    ]
