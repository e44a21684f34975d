# class: dependency-error
# tool: pytest
# ecosystem: python
# step: Unit tests
# needs: pip:pytest==8.3.5
# proof: ModuleNotFoundError: No module named 'structlog'
mkdir -p src/shuttle tests
printf 'import structlog\n\nlog = structlog.get_logger()\n' >src/shuttle/__init__.py
printf 'import shuttle\n\n\ndef test_logger():\n    assert shuttle.log\n' >tests/test_log.py
printf '[tool.pytest.ini_options]\npythonpath = ["src"]\n' >pyproject.toml
#%% step
pytest -q
