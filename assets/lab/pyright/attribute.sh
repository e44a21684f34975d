# class: build-failure
# tool: pyright
# ecosystem: node
# step: Type check
# needs: npm:pyright@1.1.383
# proof: reportOptionalMemberAccess
printf 'import re\n\n\ndef version(text: str) -> str:\n    return re.search(r"(\\d+\\.\\d+)", text).group(1)\n' >version.py
#%% step
pyright --pythonversion 3.11 version.py
