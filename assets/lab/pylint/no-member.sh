# class: build-failure
# tool: pylint
# ecosystem: python
# step: Pylint
# needs: pip:pylint==3.3.1
# proof: E1101: Instance of 'Door' has no 'unlok' member; maybe 'unlock'? (no-member)
cat >door.py <<'END'
"""Doors of a building."""


class Door:
    """A door."""

    def __init__(self, name):
        self.name = name
        self.open = False

    def unlock(self):
        """Opens it."""
        self.open = True


def open_front():
    """Opens the front door."""
    door = Door("front")
    door.unlok()
    return door
END
#%% step
pylint --fail-under=9.5 door.py
