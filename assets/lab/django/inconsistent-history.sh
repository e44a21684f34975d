# class: deployment-failure
# tool: django
# ecosystem: python
# step: Run migrations
# needs: pip:django==5.2.8 apt:sqlite3
# proof: django.db.migrations.exceptions.InconsistentMigrationHistory
mkdir -p fleet/migrations
cat >settings.py <<'END'
SECRET_KEY = "only here"
INSTALLED_APPS = ["fleet"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "fleet.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
END
: >fleet/__init__.py
: >fleet/migrations/__init__.py
cat >fleet/migrations/0001_initial.py <<'END'
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [migrations.CreateModel("Ship", [("id", models.BigAutoField(primary_key=True))])]
END
cat >fleet/migrations/0002_flag.py <<'END'
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_initial")]
    operations = [migrations.AddField("Ship", "flag", models.CharField(max_length=2, default="DK"))]
END
sqlite3 fleet.db "CREATE TABLE django_migrations (id integer PRIMARY KEY AUTOINCREMENT, app varchar(255), name varchar(255), applied datetime);
INSERT INTO django_migrations (app, name, applied) VALUES ('fleet', '0002_flag', '2024-05-01 00:00:00')"
#%% step
python -m django migrate --no-input --settings settings --pythonpath .
