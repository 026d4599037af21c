// The JavaScript SDK against a running service: @azure/identity and @azure/arm-managementpartner.
// NODE_EXTRA_CA_CERTS must name the service's certificate authority when this is started.

import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import { ACEProvisioningManagementPartnerAPI } from "@azure/arm-managementpartner";

const UTRECHT = "5127255";
const MALMO = "5127256";
let passed = 0;
let failed = 0;

function check(name, holds, seen) {
  if (holds) {
    passed += 1;
    console.log(`ok    JS SDK: ${name}`);
  } else {
    failed += 1;
    console.log(`FAIL  JS SDK: ${name}`);
    const text = seen instanceof Error ? `${seen.stack}` : JSON.stringify(seen);
    for (const line of `${text}`.split("\n")) console.log(`      | ${line}`);
  }
}

/** What the call throws; undefined if it throws nothing. */
async function thrown(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function client(dev, tenant, app, secret) {
  const credential = new ClientSecretCredential(tenant, app.clientId, secret, {
    authorityHost: dev.url,
    disableInstanceDiscovery: true,
  });
  return new ACEProvisioningManagementPartnerAPI(credential, {
    endpoint: dev.url,
    credentialScopes: [`${dev.url}/.default`],
    retryOptions: { maxRetries: 0 },
  });
}

async function life(dev, tenant, app) {
  const api = client(dev, tenant, app, app.secret);
  const names = [];
  for await (const operation of api.operation.list()) names.push(operation.name);
  check("operations", names.includes("Microsoft.ManagementPartner/partners/write"), names);
  const none = await thrown(() => api.partners.get());
  check("get without a link: RestError 404", none?.statusCode === 404 && none?.code === "NotFound", none);
  const created = await api.partner.create(UTRECHT);
  check("create", created.partnerId === UTRECHT && created.state === "Active", created);
  check("the link is the caller's", created.tenantId === tenant && created.objectId === app.object, created);
  check("etag is the version, a number", Number.isInteger(created.etag) && created.etag === created.version, created);
  check("times are dates", created.createdTime instanceof Date && created.createdTime <= created.updatedTime, created);
  const again = await thrown(() => api.partner.create(UTRECHT));
  check("create twice: RestError 409", again?.statusCode === 409 && again?.code === "Conflict", again);
  check("which says what to do", again?.message.includes("update"), again);
  const shown = await api.partners.get();
  check("get", shown.partnerId === UTRECHT && shown.version === created.version, shown);
  const byId = await api.partner.get(UTRECHT);
  check("get by id", byId.name === UTRECHT, byId);
  const other = await thrown(() => api.partner.get(MALMO));
  check("get by another id: RestError 404", other?.statusCode === 404, other);
  const updated = await api.partner.update(MALMO);
  check("update", updated.partnerId === MALMO && updated.version === created.version + 1, updated);
  check("the time of creation stays", +updated.createdTime === +created.createdTime, updated);
  await api.partner.delete(MALMO);
  const twice = await thrown(() => api.partner.delete(MALMO));
  check("delete twice: RestError 404", twice?.statusCode === 404, twice);
  const letters = await thrown(() => api.partner.create("abc"));
  check("letters: RestError 400", letters?.statusCode === 400 && letters?.code === "BadRequest", letters);
  const wrong = await thrown(() => client(dev, tenant, app, "wrong").partners.get());
  check("a wrong secret: an authentication error", /^Authentication/.test(wrong?.name) && /7000215/.test(wrong.message), wrong);
}

const dev = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { tenant, apps } = dev.tenants.find((known) => known.domain === "tailwind.example");
const broken = await thrown(() => life(dev, tenant, apps[0]));
if (broken) check("the sequence ends", false, broken);
console.log(`      JS SDK: ${passed} of ${passed + failed} checks passed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
