"""The real Azure CLI against a running service: everything the documents tell people to type.

Signs in as a service principal with a secret and with a certificate, as a person by device code and
in a browser; creates, shows, updates and deletes links, reads what is printed in three formats, and
makes the mistakes that people make.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from browser import Browser, Refused  # noqa: E402
from checks import Checks  # noqa: E402

UTRECHT, MALMO, GLOBAL = "5127255", "5127256", "5127254"
CONTOSO, TAILWIND, WINGTIP = "contoso.example", "tailwind.example", "wingtip.example"
PARTNERS = "/providers/microsoft.managementpartner/partners"
VERSION = "api-version=2018-02-01"
LONGEST = 120  # seconds for one command


class Result:
    """What a command left."""

    def __init__(self, args, status, out, err):
        self.args, self.status, self.out, self.err = args, status, out, err

    def __str__(self):
        return f"$ az {' '.join(self.args)}\nexit status {self.status}\n{self.out}{self.err}"

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            return None


class Az:
    """The program, with a configuration folder of its own."""

    def __init__(self, program, folder, dev, extensions):
        self.program = program
        self.folder = folder
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AZURE_", "ARM_")) and name not in ("PYTHONPATH", "PYTHONHOME")
        }
        self.env.update(
            HOME=folder,
            AZURE_CONFIG_DIR=os.path.join(folder, "azure"),
            AZURE_EXTENSION_DIR=extensions,
            AZURE_CORE_COLLECT_TELEMETRY="false",
            AZURE_CORE_NO_COLOR="true",
            PYTHONWARNINGS="ignore",
            AZURE_CORE_INSTANCE_DISCOVERY="false",
            REQUESTS_CA_BUNDLE=dev.get("bundle") or dev["ca"],
        )

    def __call__(self, *args, **more):
        process = subprocess.Popen(
            [self.program, *args],
            env={**self.env, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            out, err = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += f"az did not end within {LONGEST} seconds\n"
        return Result(args, process.returncode, out, err)

    def by_device_code(self, user, *args):
        """Signs in while a person with a browser follows what az prints. Result, and the last page."""
        args = ("login", "--use-device-code", *args)
        process = subprocess.Popen(
            [self.program, *args],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        out, err, page = [], [], ""
        reader = threading.Thread(target=lambda: out.append(process.stdout.read()))
        reader.start()
        watchdog = threading.Timer(LONGEST, process.kill)
        watchdog.start()
        for line in process.stderr:
            err.append(line)
            asked = re.search(r"open the page (\S+) and enter the code (\S+)", line)
            if asked and not page:
                browser = Browser(self.env["REQUESTS_CA_BUNDLE"], user["upn"], user["password"], asked[2])
                try:
                    page = browser.sign_in(asked[1])
                except (Refused, OSError) as error:
                    page = f"refused: {error}"
                    process.kill()
        status = process.wait()
        watchdog.cancel()
        reader.join()
        return Result(args, status, "".join(out), "".join(err)), page

    def in_a_browser(self, user, *args):
        """Signs in by the browser that az starts: ours. Result, and the last page."""
        person = os.path.join(self.folder, "person.json")
        log = os.path.join(self.folder, "last-page.txt")
        known = {"ca": self.env["REQUESTS_CA_BUNDLE"], "log": log}
        with open(person, "w", encoding="utf-8") as file:
            json.dump({**known, "user": user["upn"], "password": user["password"]}, file)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "browser.py")
        start = f"{sys.executable} {os.path.normpath(script)} {person} %s &"
        result = self("login", *args, BROWSER=start)
        page = open(log, encoding="utf-8").read() if os.path.exists(log) else "the browser was not started"
        return result, page


class Sequence:
    """The steps, in the order in which they are run."""

    def __init__(self, az, dev, pal, data):
        self.az, self.dev, self.pal, self.data = az, dev, pal, data
        self.checks = Checks("az")

    def directory(self, domain):
        return next(tenant for tenant in self.dev["tenants"] if tenant["domain"] == domain)

    def works(self, name, *args):
        """A command that must succeed."""
        result = self.az(*args)
        self.checks.check(name, result.status == 0, result)
        return result

    def fails(self, name, status, says, *args):
        """A command that must fail, with this status and words that say what to do."""
        result = self.az(*args)
        said = " ".join(result.err.split())
        holds = result.status == status and all(word in said for word in says)
        self.checks.check(name, holds and "Traceback" not in result.err, result)
        return result

    def cloud(self):
        url = self.dev["url"]
        self.works(
            "cloud register", "cloud", "register", "--name", "openpal", "--endpoint-resource-manager", url
        )
        self.works("cloud set", "cloud", "set", "--name", "openpal")
        endpoints = (self.az("cloud", "show").json() or {}).get("endpoints", {})
        authority = endpoints.get("activeDirectory", "").rstrip("/")
        self.checks.equal("the cloud signs in at the service", authority, url)
        self.checks.equal("the cloud's resource manager is the service", endpoints.get("resourceManager"), url)

    def principal(self):
        """A service principal with a secret: the whole life of a link."""
        tailwind = self.directory(TAILWIND)
        tenant, app = tailwind["tenant"], tailwind["apps"][0]
        name = ("login", "--service-principal", "--tenant", tenant, "--username", app["clientId"])
        free = "--allow-no-subscriptions"
        self.fails("a wrong secret is refused", 1, ["7000215"], *name, "--password", "wrong", free)
        self.works("login with a secret", *name, "--password", app["secret"], free)
        account = self.az("account", "show").json() or {}
        self.checks.equal("the account is in the tenant", account.get("tenantId"), tenant)
        link = {
            "objectId": app["object"],
            "partnerId": UTRECHT,
            "partnerName": "Contoso Services, Utrecht",
            "state": "Active",
            "tenantId": tenant,
        }
        self.mistakes_before(link)
        self.life(link)
        self.rest(link)
        self.works("logout", "logout")
        result = self.az("managementpartner", "show")
        self.checks.check("after the logout nobody is signed in", result.status == 1 and "az login" in result.err, result)

    def mistakes_before(self, link):
        mp = "managementpartner"
        self.fails("show without a link", 3, ["NotFound", "No partner ID is linked"], mp, "show")
        self.fails("update without a link", 3, ["NotFound"], mp, "update", "--partner-id", MALMO)
        self.fails("delete without a link", 3, ["NotFound"], mp, "delete", "--partner-id", UTRECHT)
        self.fails("letters", 1, ["BadRequest", "'abc'"], mp, "create", "--partner-id", "abc")
        self.fails("a slash and a space", 1, ["BadRequest"], mp, "create", "--partner-id", "51 27/255")
        self.fails("too many digits", 1, ["BadRequest"], mp, "create", "--partner-id", "12345678901")
        self.fails("no id at all", 1, ["BadRequest", "missing"], mp, "create", "--partner-id", "")
        self.fails("a global id, its locations named", 1, ["BadRequest", UTRECHT, MALMO], mp, "create", "--partner-id", GLOBAL)
        self.fails("the argument is missing", 2, ["--partner-id"], mp, "create")

    def life(self, link):
        mp, equal = "managementpartner", self.checks.equal
        created = self.works("create", mp, "create", "--partner-id", UTRECHT)
        text = json.dumps(link, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        equal("create prints the link", created.out, text)
        self.fails("create twice", 1, ["Conflict", UTRECHT, "update"], mp, "create", "--partner-id", UTRECHT)
        self.fails("create another", 1, ["Conflict", UTRECHT, "update"], mp, "create", "--partner-id", MALMO)
        equal("show, as JSON", self.works("show", mp, "show", "--output", "json").out, text)
        row = [link[key] for key in sorted(link)]
        equal("show, as TSV", self.az(mp, "show", "--output", "tsv").out, "\t".join(row) + "\n")
        self.table(link)
        query = self.az(mp, "show", "--query", "partnerId", "--output", "tsv")
        equal("show, one field", query.out, UTRECHT + "\n")
        equal("show by id", self.az(mp, "show", "--partner-id", UTRECHT).out, text)
        self.fails("show by another id", 3, ["NotFound"], mp, "show", "--partner-id", MALMO)
        updated = self.works("update", mp, "update", "--partner-id", MALMO).json()
        wanted = {**link, "partnerId": MALMO, "partnerName": "Contoso Services, Malmö"}
        equal("update prints the link", updated, wanted)
        equal("show tells the update", self.az(mp, "show").json(), wanted)
        self.fails("delete by another id", 3, ["NotFound"], mp, "delete", "--partner-id", UTRECHT)
        equal("which changes nothing", self.az(mp, "show").json(), wanted)
        deleted = self.works("delete", mp, "delete", "--partner-id", MALMO)
        equal("delete prints nothing", deleted.out, "")
        self.fails("delete twice", 3, ["NotFound"], mp, "delete", "--partner-id", MALMO)
        self.fails("show after the deletion", 3, ["NotFound"], mp, "show")

    def table(self, link):
        result = self.az("managementpartner", "show", "--output", "table")
        lines = [line.rstrip() for line in result.out.splitlines()]
        columns = sorted(link)
        heads = [name[0].upper() + name[1:] for name in columns]
        seen = [re.split(r"\s{2,}", line) for line in lines[:1] + lines[2:]]
        self.checks.equal("show, as a table", seen, [heads, [link[name] for name in columns]])

    def rest(self, link):
        """`az rest`, with a body that must be ignored; versions go on over the deletion."""
        body = '{"partnerId":"1"}'
        path = f"{PARTNERS}/{UTRECHT}?{VERSION}"
        put = self.works("rest put with a body", "rest", "--method", "put", "--url", path, "--body", body).json() or {}
        self.checks.equal("the path says which partner", put.get("name"), UTRECHT)
        self.checks.equal("the version counts the deletion", put.get("etag"), 4)
        own = put.get("properties", {})
        self.checks.equal("the link is the caller's", own.get("objectId"), link["objectId"])
        shown = self.az("rest", "--method", "get", "--url", f"{PARTNERS}/?{VERSION}").json()
        self.checks.equal("rest get", shown, put)
        absolute = f"{self.dev['url']}/providers/Microsoft.ManagementPartner/partners?{VERSION}"
        self.checks.equal("rest get by the full address", self.az("rest", "--url", absolute).json(), put)
        bad = self.az("rest", "--url", f"{PARTNERS}?api-version=2099-01-01")
        self.checks.check(
            "another api-version is refused, the right one named",
            bad.status == 1 and "InvalidApiVersionParameter" in bad.err and "2018-02-01" in bad.err,
            bad,
        )
        self.works("rest delete", "rest", "--method", "delete", "--url", path)

    def certificate(self):
        """A service principal with a certificate, set by `pal credential app` while the service runs."""
        tenant = self.directory(WINGTIP)
        owner = f"{tenant['tenant']}/{tenant['apps'][0]['object']}"
        client = "70150000-7000-4000-8000-0000000000ce"
        pem, public = self.make_certificate()
        command = [self.pal, "credential", "app", client, "--account", owner, "--certificate", public]
        done = subprocess.run([*command, "--data-dir", self.data], capture_output=True, text=True)
        if not self.checks.check("pal credential app, with a certificate", done.returncode == 0, done.stderr):
            return
        name = ("login", "--service-principal", "--tenant", tenant["tenant"], "--username", client)
        self.works("login with a certificate", *name, "--certificate", pem, "--allow-no-subscriptions")
        result = self.az("managementpartner", "show")
        self.checks.check("the certificate's account may ask", result.status in (0, 3), result)
        # The token of the first certificate is kept for as long as somebody is signed in.
        self.az("logout")
        other, _ = self.make_certificate()
        result = self.az(*name, "--certificate", other, "--allow-no-subscriptions")
        self.checks.check("another certificate is refused", result.status == 1 and "AADSTS" in result.err, result)
        self.az("logout")

    def make_certificate(self):
        """Key and certificate in one file, and the certificate alone."""
        from datetime import datetime, timedelta, timezone

        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "adatum-pipeline")])
        now = datetime.now(timezone.utc)
        serial = x509.random_serial_number()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        public = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        paths = []
        for kind, content in (("key", private + public), ("public", public)):
            path = os.path.join(self.az.folder, f"{kind}-{serial}.pem")
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o600)
            paths.append(path)
        return paths

    def person(self):
        """A person by device code, in one tenant: link, change, unlink."""
        tenant = self.directory(TAILWIND)
        user = next(user for user in tenant["users"] if user["upn"].startswith("ewa"))
        mp = "managementpartner"
        result, page = self.az.by_device_code(
            user, "--tenant", tenant["tenant"], "--allow-no-subscriptions"
        )
        if not self.checks.check("login by device code", result.status == 0, f"{result}\nlast page: {page}"):
            return
        account = self.az("account", "show").json() or {}
        self.checks.equal("the account is the person's", account.get("user"), {"name": user["upn"], "type": "user"})
        created = self.works("create, as a person", mp, "create", "--partner-id", UTRECHT).json() or {}
        self.checks.equal("the link is the person's", created.get("objectId"), user["object"])
        updated = self.works("update, as a person", mp, "update", "--partner-id", MALMO).json() or {}
        self.checks.equal("the partner changed", updated.get("partnerId"), MALMO)
        self.works("show, as a person", mp, "show")
        self.works("delete, as a person", mp, "delete", "--partner-id", MALMO)
        self.fails("show after that, as a person", 3, ["NotFound"], mp, "show")
        self.works("logout, as a person", "logout")

    def everywhere(self):
        """A person by device code without a tenant: az finds every directory by itself."""
        home = self.directory(CONTOSO)
        user = next(user for user in home["users"] if user["upn"].startswith("ada@"))
        wanted = {
            tenant["tenant"]
            for tenant in self.dev["tenants"]
            if any(known["upn"] == user["upn"] for known in tenant["users"])
        }
        result, page = self.az.by_device_code(user, "--allow-no-subscriptions")
        if self.checks.check("login by device code without a tenant", result.status == 0, f"{result}\nlast page: {page}"):
            found = {entry["tenantId"] for entry in self.az("account", "list", "--all").json() or []}
            self.checks.equal("every directory of the person is there", sorted(found), sorted(wanted))
        self.az("logout")

    def browser(self):
        """A person in the browser that az starts: authorization code, PKCE, form_post."""
        tenant = self.directory(TAILWIND)
        user = next(user for user in tenant["users"] if user["upn"].startswith("tove"))
        result, page = self.az.in_a_browser(
            user, "--tenant", tenant["tenant"], "--allow-no-subscriptions"
        )
        if self.checks.check("login in the browser", result.status == 0, f"{result}\nlast page: {page}"):
            account = self.az("account", "show").json() or {}
            self.checks.equal("the account is that of the browser", account.get("user", {}).get("name"), user["upn"])
        self.az("logout")

    def pasted(self):
        """What `pal az setup` prints, pasted into a shell as it is."""
        env = {**self.az.env, "AZURE_CONFIG_DIR": os.path.join(self.az.folder, "pasted")}
        for name in ("REQUESTS_CA_BUNDLE", "AZURE_CORE_INSTANCE_DISCOVERY"):
            del env[name]
        env["PATH"] = os.path.dirname(self.az.program) + os.pathsep + env.get("PATH", "")
        setup = [self.pal, "az", "setup", "--data-dir", self.data]
        lines = subprocess.run(setup, env=env, capture_output=True, text=True)
        if not self.checks.check("pal az setup", lines.returncode == 0, lines.stderr):
            return
        script = f"set -e\n{lines.stdout}\naz managementpartner delete --partner-id {UTRECHT}\n"
        done = subprocess.run(
            ["sh", "-c", script],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3 * LONGEST,
        )
        said = f"{script}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
        linked = f'"partnerId": "{UTRECHT}"' in done.stdout
        self.checks.check("its lines, pasted into a shell, link", done.returncode == 0 and linked, said)

    def back(self):
        self.works("cloud set back", "cloud", "set", "--name", "AzureCloud")
        self.works("cloud unregister", "cloud", "unregister", "--name", "openpal")

    def run(self):
        for step in (
            self.cloud,
            self.principal,
            self.certificate,
            self.person,
            self.everywhere,
            self.browser,
            self.back,
            self.pasted,
        ):
            step()
        self.checks.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("az", "extensions", "dev", "pal", "folder"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    with open(args.dev, encoding="utf-8") as file:
        dev = json.load(file)
    data = os.path.dirname(os.path.abspath(args.dev))
    Sequence(Az(args.az, args.folder, dev, args.extensions), dev, args.pal, data).run()


if __name__ == "__main__":
    main()
