// Signing in with an issuer elsewhere: `pal serve`, `pal login` and the portal with an issuer of OpenID Connect, as
// docs/guide/sign-in.md tells people to set one up. usage: node sequence.mjs --pal PROGRAM --folder FOLDER

import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { Browser } from "./browser.mjs";
import { AUDIENCE, SCOPE, SECRET, TENANT, next, start } from "./provider.mjs";

const { values } = parseArgs({ options: { pal: { type: "string" }, folder: { type: "string" } } });
const { pal, folder } = values;
const data = join(folder, "data");
const ADA = "c0750000-1000-4000-8000-000000000ada";
const NIGHTLY = "c0750000-3000-4000-8000-000000000001";
const UTRECHT = "5127255";
let passed = 0;
let failed = 0;

function check(name, holds, seen) {
  if (holds) passed += 1;
  else failed += 1;
  console.log(`${holds ? "ok   " : "FAIL "} sign-in elsewhere: ${name}`);
  if (!holds) for (const line of `${seen?.text ?? JSON.stringify(seen)}`.split("\n")) console.log(`      | ${line}`);
}

const settings = { ...process.env, PAL_CONFIG_DIR: join(folder, "settings"), HOME: folder };

/** Runs pal; its status and all that it has said. */
async function run(args, more = {}) {
  const done = promisify(execFile)(pal, args, { env: { ...settings, ...more }, timeout: 60_000 });
  const { stdout, stderr, code = 0 } = await done.catch((error) => error);
  return { code, out: stdout, err: stderr, text: `${stdout}${stderr}` };
}

/** A port that is free now. */
async function free() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function until(what, found) {
  for (let tries = 0; tries < 600; tries += 1) {
    const seen = await found();
    if (seen) return seen;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} did not come`);
}

function facts() {
  const principal = (object, name, type) => ({ kind: "principal", tenant: TENANT, object, name, type });
  const lines = [
    { kind: "tenant", tenant: TENANT, name: "Contoso", domain: "contoso.example" },
    principal(ADA, "Ada", "User"),
    principal(NIGHTLY, "Nightly", "ServicePrincipal"),
    { kind: "partner", partner: UTRECHT, name: "Contoso Services, Utrecht", type: "location" },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function configuration(issuer, url) {
  writeFileSync(join(folder, "portal-secret"), SECRET);
  return `public_url = "${url}"
[[identity.issuers]]
kind = "oidc"
issuer = "${issuer}"
jwks_url = "${issuer}/jwks"
audiences = ["${AUDIENCE}"]
tenants = ["${TENANT}"]
object_claim = "oid"
scope = "${SCOPE}"
client_id = "pal-cli"
[portal]
client_id = "portal"
client_secret_file = "${join(folder, "portal-secret")}"
`;
}

/** Starts the service, and waits until it is ready. */
async function serve(issuer, port) {
  const url = `https://localhost:${port}`;
  mkdirSync(data, { recursive: true });
  writeFileSync(join(folder, "facts.jsonl"), facts());
  const imported = await run(["import", "facts", join(folder, "facts.jsonl"), "--data-dir", data, "--create"]);
  check("facts are imported", imported.code === 0, imported);
  writeFileSync(join(data, "openpal.toml"), configuration(issuer, url));
  const log = [];
  const service = spawn(pal, ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", data], { env: settings });
  for (const stream of [service.stdout, service.stderr]) stream.on("data", (part) => log.push(part));
  const ca = () => existsSync(join(data, "tls", "ca.pem")) && readFileSync(join(data, "tls", "ca.pem"));
  const ready = async () => {
    if (service.exitCode !== null) throw new Error(`pal serve has ended\n${Buffer.concat(log)}`);
    const browser = ca() && new Browser(ca());
    return browser && browser.send(`${url}/readyz`).then((answer) => answer.status === 200, () => false);
  };
  await until("the service", ready);
  return { url, ca: ca(), log: () => Buffer.concat(log).toString(), stop: () => service.kill("SIGTERM") };
}

/** What the service tells everybody: the issuer and its audience, by each way there is. */
async function told(service, issuer) {
  const browser = new Browser(service.ca);
  const metadata = await browser.send(`${service.url}/metadata/endpoints?api-version=2022-09-01`);
  const { authentication } = JSON.parse(metadata.text);
  check("metadata name the issuer", authentication.loginEndpoint === issuer, metadata);
  check("and its audience", authentication.audiences[0] === AUDIENCE, metadata);
  const refused = await browser.send(`${service.url}/tenants?api-version=2022-12-01`);
  const challenge = refused.headers["www-authenticate"] ?? "";
  check("a 401 names both", challenge.includes(`"${issuer}"`) && challenge.includes(`resource="${AUDIENCE}"`), { text: challenge });
  const manager = ["--endpoint-resource-manager", service.url, "--ca-file", join(data, "tls", "ca.pem")];
  const registered = await run(["cloud", "register", "-n", "own", ...manager]);
  check("pal cloud register", registered.code === 0 && registered.text.includes(`sign-in ${issuer}`), registered);
  check("pal cloud set", (await run(["cloud", "set", "-n", "own"])).code === 0);
  for (const args of [["az", "setup"], ["az", "setup", "--data-dir", data, "--url", service.url]]) {
    const setup = await run(args);
    check(`pal ${args.slice(0, 3).join(" ")} names both`, setup.code === 0 && setup.out.includes(`${issuer}, for ${AUDIENCE}`), setup);
  }
  const before = await run(["doctor"]);
  check("pal doctor names both", before.out.includes(`the sign-in at ${issuer} answers; tokens are for ${AUDIENCE}`), before);
}

/** `pal login` with a browser that goes wherever it is sent. */
async function login(person, more = []) {
  next(person);
  const shown = join(folder, "shown");
  rmSync(shown, { force: true });
  const program = join(folder, "open-browser");
  writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > ${shown}.new\nmv ${shown}.new ${shown}\n`);
  chmodSync(program, 0o755);
  const done = run(["login", ...more], { BROWSER: program });
  const address = await Promise.race([until("the browser", () => existsSync(shown) && readFileSync(shown, "utf8")), done.then(() => "")]);
  const page = address && (await new Browser().follow(address));
  return { ...(await done), page };
}

async function people(service, issuer) {
  const ada = await login("ada");
  check("pal login", ada.code === 0 && ada.text.includes("Signed in to Contoso"), ada);
  check("pal login names issuer and audience", ada.text.includes(`Signing in at ${issuer}, for ${AUDIENCE}.`), ada);
  const linked = await run(["managementpartner", "create", "--partner-id", UTRECHT]);
  check("a link by the person", linked.code === 0 && JSON.parse(linked.out).objectId === ADA, linked);
  const shown = await run(["managementpartner", "show"]);
  check("again, by the refresh token", shown.code === 0, shown);
  const doctor = await run(["doctor", "--exit-code"]);
  check("pal doctor finds nothing", doctor.code === 0 && doctor.out.includes("the resource manager takes it"), doctor);
  const bob = await login("bob");
  check("an account that the facts do not know is told so", bob.code !== 0 && bob.text.includes("does not have an account in this tenant"), bob);
  const eve = await login("eve");
  check("a missing claim is told by its name", eve.code !== 0 && eve.text.includes("The token's claim 'oid' is missing"), eve);
  check("and is in the log", service.log().includes("the token's claim 'oid' is missing"), { text: service.log() });
}

/** The device code, typed into the issuer's page. */
async function device() {
  next("ada");
  const child = spawn(pal, ["login", "--use-device-code"], { env: settings });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (text += part));
  const ended = new Promise((done) => child.on("exit", done));
  const [, address, code] = await until("a code", () => /open (\S+) and enter the code (\S+)/.exec(text));
  await new Browser().follow(address, { user_code: code, confirm: "yes" });
  check("pal login --use-device-code", (await ended) === 0 && text.includes("Signed in to Contoso"), { text });
}

async function programs(issuer, service) {
  writeFileSync(join(folder, "secret"), SECRET, { mode: 0o600 });
  const args = ["--service-principal", "-u", "nightly", "--tenant", TENANT, "-p", `@${join(folder, "secret")}`];
  const done = await run(["login", ...args]);
  check("pal login --service-principal", done.code === 0, done);
  const own = await run(["managementpartner", "create", "--partner-id", UTRECHT]);
  check("a link by the program", own.code === 0 && JSON.parse(own.out).objectId === NIGHTLY, own);
  const browser = new Browser(service.ca);
  for (const [scope, resource, why] of [
    ["mail", AUDIENCE, `The token's claim 'scope' has not the scope '${SCOPE}'`],
    [SCOPE, "api://another", `its claim 'aud' is 'api://another', and '${AUDIENCE}' is taken`],
  ]) {
    const fields = { grant_type: "client_credentials", client_id: "nightly", client_secret: SECRET, scope, resource };
    const token = JSON.parse((await browser.post(`${issuer}/token`, fields)).text).access_token;
    const answer = await browser.send(`${service.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    check(`401: ${why}`, answer.status === 401 && answer.text.includes(why), answer);
  }
}

async function portal(service) {
  next("ada");
  const browser = new Browser(service.ca);
  const first = await browser.follow(`${service.url}/portal/auth/sign-in`);
  check("the portal signs a person with roles in", first.url === `${service.url}/portal/`, first);
  const session = await browser.send(`${service.url}/portal/session`);
  const { signedIn, account } = JSON.parse(session.text);
  check("as the account of the token", signedIn && account.objectId === ADA, session);
  for (const [person, status, words] of [
    ["bob", 403, "You have no account in this directory"],
    ["eve", 400, "the claim &#39;oid&#39; of its token is missing"],
  ]) {
    next(person);
    const page = await new Browser(service.ca).follow(`${service.url}/portal/auth/sign-in`);
    check(`the portal tells ${person} why not`, page.status === status && page.text.includes(words), page);
  }
}

const port = await free();
const provider = await start(`https://localhost:${port}`);
let service;
try {
  service = await serve(provider.issuer, port);
  await told(service, provider.issuer);
  await people(service, provider.issuer);
  await device();
  await programs(provider.issuer, service);
  await portal(service);
} finally {
  service?.stop();
  provider.stop();
}
console.log(`      sign-in elsewhere: ${passed} of ${passed + failed} checks passed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
