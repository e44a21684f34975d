# class: build-failure
# tool: flake8
# ecosystem: python
# step: Lint
# needs: pip:flake8==7.1.1
# proof: E501 line too long
mkdir app
printf 'import os, sys\n\n\ndef where():\n    return os.environ.get("APP_HOME", "/srv/app") + "/" + os.environ.get("APP_STAGE", "production")\n' >app/where.py
#%% step
flake8 app --max-line-length 88
