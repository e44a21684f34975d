# class: configuration-error
# tool: pytest
# ecosystem: python
# step: Unit tests
# needs: pip:pytest==8.3.5
# proof: error: unrecognized arguments: --cov=shuttle --cov-report=xml
mkdir tests
printf 'def test_nothing():\n    pass\n' >tests/test_nothing.py
#%% step
python -m pytest --cov=shuttle --cov-report=xml tests
