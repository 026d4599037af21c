"""One line for each check; for a failed one all that is known."""

import sys


class Checks:
    """The checks of one client."""

    def __init__(self, client):
        self.client = client
        self.passed = 0
        self.failed = 0

    def check(self, name, holds, detail=""):
        """`name` says what must hold, `detail` what was seen instead."""
        if holds:
            self.passed += 1
            print(f"ok    {self.client}: {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {self.client}: {name}", flush=True)
            for line in str(detail).rstrip().splitlines():
                print(f"      | {line}", flush=True)
        return holds

    def equal(self, name, seen, wanted):
        """Equal, to the last character."""
        return self.check(name, seen == wanted, f"wanted {wanted!r}\nseen   {seen!r}")

    def finish(self):
        """Ends the process: with 0 if every check passed, and at least one was made."""
        total = self.passed + self.failed
        print(f"      {self.client}: {self.passed} of {total} checks passed", flush=True)
        sys.exit(0 if self.failed == 0 and self.passed > 0 else 1)
