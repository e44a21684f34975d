# class: configuration-error
# tool: nox
# ecosystem: python
# step: Nox
# needs: pip:nox==2024.4.15
# proof: Sessions not found: typecheck
printf 'import nox\n\n\n@nox.session(venv_backend="none")\ndef tests(session):\n    session.run("python", "-m", "unittest")\n' >noxfile.py
#%% step
nox --session typecheck
