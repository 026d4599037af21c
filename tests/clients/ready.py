"""Waits until /readyz of the service in a dev.json answers 200, for at most a minute."""

import json
import ssl
import sys
import time
import urllib.request

with open(sys.argv[1], encoding="utf-8") as file:
    dev = json.load(file)
context = ssl.create_default_context(cafile=dev["ca"])
end = time.monotonic() + 60
while True:
    try:
        with urllib.request.urlopen(dev["url"] + "/readyz", context=context, timeout=10) as answer:
            sys.exit(0 if answer.status == 200 else f"/readyz: {answer.status}")
    except OSError as error:
        if time.monotonic() > end:
            sys.exit(f"{dev['url']}/readyz: {error}")
        time.sleep(0.1)
