"""Invented requests against /api/v1, by its own description: no fault of the server, no answer that the
description does not have, no wrong request that is taken for a right one. As everybody in turn."""

import argparse
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from browser import Browser  # noqa: E402
from checks import Checks  # noqa: E402

AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
CHECKED = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method"
)


def sign_in(dev, domain, upn):
    """An access token, by device code."""
    place = next(t for t in dev["tenants"] if t["domain"] == domain)
    password = next(u["password"] for u in place["users"] if u["upn"] == upn)
    context = ssl.create_default_context(cafile=dev["ca"])

    def post(path, fields):
        body = urllib.parse.urlencode(fields).encode()
        url = f"{dev['url']}/{place['tenant']}/oauth2/v2.0/{path}"
        with urllib.request.urlopen(url, body, context=context) as answer:
            return json.load(answer)

    begun = post("devicecode", {"client_id": AZURE_CLI, "scope": f"{dev['url']}/.default"})
    Browser(dev["ca"], upn, password, begun["user_code"]).sign_in(begun["verification_uri"])
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    fields = {"grant_type": grant, "client_id": AZURE_CLI, "device_code": begun["device_code"]}
    return post("token", fields)["access_token"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", required=True, help="dev.json of a running pal dev")
    parser.add_argument("--examples", default="100", help="requests for each operation and phase")
    parser.add_argument("--seed", default="1")
    asked = parser.parse_args()
    dev = json.loads(pathlib.Path(asked.dev).read_text())
    checks = Checks("API")
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    for who, domain, upn in [
        ("an operator", "contoso.example", "ada@contoso.example"),
        ("an executive and link administrator", "contoso.example", "bjorn@contoso.example"),
        ("a viewer", "contoso.example", "bram@contoso.example"),
        ("a rival", "adatum.example", "ivo@adatum.example"),
        ("an auditor", "fabrikam.example", "frida@fabrikam.example"),
        ("a guest", "fabrikam.example", "ada@contoso.example"),
    ]:
        command = [
            str(program),
            "run",
            f"{dev['url']}/api/v1/openapi.json",
            "--include-path-regex", "^/api/v1/",
            "--header", f"Authorization: Bearer {sign_in(dev, domain, upn)}",
            "--tls-verify", dev["ca"],
            "--max-examples", asked.examples,
            "--seed", asked.seed,
            "--checks", CHECKED,
            "--suppress-health-check", "all",
            # Bodies that it cannot make: JSON Lines and archives.
            "--exclude-operation-id", "importFacts",
            "--exclude-operation-id", "importUsage",
        ]
        environment = {**os.environ, "SSL_CERT_FILE": dev["bundle"], "NO_COLOR": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        said = re.search(r"\d+ generated, .*", done.stdout)
        holds = done.returncode == 0 and said is not None
        checks.check(f"as {who}: {said and said[0]}", holds, done.stdout + done.stderr)
    checks.finish()


main()
