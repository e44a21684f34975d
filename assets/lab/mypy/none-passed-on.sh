# class: build-failure
# tool: mypy
# ecosystem: python
# step: Type check
# needs: pip:mypy==1.15.0
# proof: incompatible type "str | None"; expected "str"
mkdir -p roster
: >roster/__init__.py
cat >roster/lookup.py <<'END'
from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    name: str
    phone: str | None = None


def normalise(phone: str) -> str:
    return phone.replace(" ", "").lstrip("+")


def dial(member: Member) -> str:
    return "tel:" + normalise(member.phone)
END
printf '[mypy]\nstrict = true\n' >mypy.ini
#%% step
mypy roster
