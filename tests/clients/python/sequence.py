"""The Python SDK against a running service: azure-identity and azure-mgmt-managementpartner."""

import argparse
import json
import logging
import os
import sys

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.identity import ClientSecretCredential
from azure.mgmt.managementpartner import ACEProvisioningManagementPartnerAPI

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checks import Checks  # noqa: E402

UTRECHT, MALMO, GLOBAL, UNKNOWN = "5127255", "5127256", "5127254", "9999999"


def raised(kind, call):
    """The error of that very kind that the call raises; `None` if it raises none or another."""
    try:
        call()
    except HttpResponseError as error:
        return error if type(error) is kind else None
    return None


def client(dev, tenant, app, secret=None):
    credential = ClientSecretCredential(
        tenant,
        app["clientId"],
        secret or app["secret"],
        authority=dev["url"],
        disable_instance_discovery=True,
    )
    scopes = [dev["url"] + "/.default"]
    return ACEProvisioningManagementPartnerAPI(
        credential, base_url=dev["url"], credential_scopes=scopes, retry_total=0
    )


def life(checks, dev, tenant, app):
    """Create, get, update, delete; and the exceptions that people catch."""
    api = client(dev, tenant, app)
    names = [operation.name for operation in api.operation.list()]
    checks.check("operations", "Microsoft.ManagementPartner/partners/write" in names, names)
    checks.check("get without a link: ResourceNotFoundError", raised(ResourceNotFoundError, api.partners.get))
    created = api.partner.create(UTRECHT)
    checks.equal("create", (created.partner_id, created.state), (UTRECHT, "Active"))
    checks.equal("the link is the caller's", (created.tenant_id, created.object_id), (tenant, app["object"]))
    checks.equal("etag is the version, a number", created.etag, created.version)
    checks.equal("a first time or an older one", created.created_time <= created.updated_time, True)
    again = raised(ResourceExistsError, lambda: api.partner.create(UTRECHT))
    checks.check("create twice: ResourceExistsError", again is not None and again.status_code == 409, again)
    checks.check("which says what to do", again is not None and "update" in again.message, again)
    checks.equal("get", api.partners.get().partner_id, UTRECHT)
    checks.equal("get by id", api.partner.get(UTRECHT).version, created.version)
    checks.equal("get by the empty id", api.partner.get("").partner_id, UTRECHT)
    other = raised(ResourceNotFoundError, lambda: api.partner.get(MALMO))
    checks.check("get by another id: ResourceNotFoundError", other is not None, other)
    updated = api.partner.update(MALMO)
    checks.equal("update", (updated.partner_id, updated.version), (MALMO, created.version + 1))
    checks.equal("the time of creation stays", updated.created_time, created.created_time)
    checks.equal("delete", api.partner.delete(MALMO), None)
    twice = raised(ResourceNotFoundError, lambda: api.partner.delete(MALMO))
    checks.check("delete twice: ResourceNotFoundError", twice is not None, twice)
    wrong = raised(HttpResponseError, lambda: api.partner.create("abc"))
    checks.check("letters: 400 BadRequest", wrong is not None and wrong.error.code == "BadRequest", wrong)
    globe = raised(HttpResponseError, lambda: api.partner.create(GLOBAL))
    checks.check("a global id: its locations are named", globe is not None and UTRECHT in globe.message, globe)
    last = api.partner.create(UTRECHT)
    checks.equal("create after a deletion goes on counting", last.version, created.version + 3)
    api.partner.delete(UTRECHT)
    lied = None
    try:
        client(dev, tenant, app, "wrong").partners.get()
    except ClientAuthenticationError as error:
        lied = error
    checks.check("a wrong secret: ClientAuthenticationError", lied is not None and "7000215" in str(lied), lied)


def registered(checks, dev, tenant, app):
    """A service that does not take any number: unknown partners are refused."""
    api = client(dev, tenant, app)
    unknown = raised(HttpResponseError, lambda: api.partner.create(UNKNOWN))
    known = unknown is not None and unknown.status_code == 400 and UNKNOWN in unknown.message
    checks.check("an unknown id: 400, and what to do", known, unknown)
    checks.equal("a known one", api.partner.create(UTRECHT).partner_id, UTRECHT)
    api.partner.delete(UTRECHT)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", required=True)
    parser.add_argument("--registered-only", action="store_true")
    args = parser.parse_args()
    with open(args.dev, encoding="utf-8") as file:
        dev = json.load(file)
    os.environ["REQUESTS_CA_BUNDLE"] = dev.get("bundle") or dev["ca"]
    tenant = next(tenant for tenant in dev["tenants"] if tenant["domain"] == "tailwind.example")
    app = tenant["apps"][0]
    # What it would tell about wrong secrets is checked by its exceptions.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    checks = Checks("Python SDK, pal serve" if args.registered_only else "Python SDK")
    (registered if args.registered_only else life)(checks, dev, tenant["tenant"], app)
    checks.finish()


if __name__ == "__main__":
    main()
