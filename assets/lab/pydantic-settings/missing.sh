# class: configuration-error
# tool: pydantic-settings
# ecosystem: python
# step: Smoke start
# needs: pip:pydantic-settings==2.12.0
# proof: validation errors for Settings
# proof: Field required
mkdir app
: >app/__init__.py
cat >app/settings.py <<'END'
from pydantic import PostgresDsn, SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: PostgresDsn
    signing_key: SecretStr
    workers: int = 2


settings = Settings()
END
printf 'from app.settings import settings\n\nprint(f"workers: {settings.workers}")\n' >app/__main__.py
#%% step
WORKERS=many python -m app
