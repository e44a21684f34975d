# class: permission-error
# tool: python
# ecosystem: python
# step: Collect static files
# needs: apt:python3
# user: nobody
# proof: PermissionError: [Errno 13] Permission denied: '/srv/static'
printf 'from pathlib import Path\n\nroot = Path("/srv/static")\nroot.mkdir(parents=True, exist_ok=True)\nfor name in ("app.css", "app.js"):\n    print("copying", name)\n    (root / name).write_text("")\n' >collect.py
#%% step
python3 collect.py
