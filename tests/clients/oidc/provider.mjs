// An issuer of OpenID Connect on this machine, as Keycloak or another would be: oidc-provider, with people who are
// signed in as soon as they come. Who comes is said by `next`.

import { createServer } from "node:http";
import Provider from "oidc-provider";

export const AUDIENCE = "api://openpal";
export const SCOPE = "links";
export const TENANT = "c0750000-0000-4000-8000-000000000000";

/** People by their name at the issuer: what their tokens say of them. */
const PEOPLE = {
  ada: { oid: "c0750000-1000-4000-8000-000000000ada", name: "Ada", roles: ["PartnerAdmin"] },
  // Known to the issuer, not to the facts of the service.
  bob: { oid: "c0750000-1000-4000-8000-000000000b0b", name: "Bob" },
  // A claim that the issuer was not told to send.
  eve: { name: "Eve" },
};

/** Programs likewise. */
const PROGRAMS = { nightly: { oid: "c0750000-3000-4000-8000-000000000001" } };
export const SECRET = "a secret of forty characters, at least so";

const state = { person: "ada" };

/** Who signs in from now on. */
export function next(person) {
  state.person = person;
}

function configuration(portal) {
  const secret = { client_secret: SECRET, token_endpoint_auth_method: "client_secret_post" };
  return {
    clients: [
      {
        client_id: "pal-cli",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://localhost"],
        response_types: ["code"],
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      },
      { client_id: "portal", redirect_uris: [`${portal}/portal/auth/callback`], ...secret },
      { client_id: "nightly", redirect_uris: [], response_types: [], grant_types: ["client_credentials"], ...secret },
    ],
    claims: { openid: ["sub"], profile: ["oid", "name", "roles"] },
    // As Keycloak does it: the ID token has the claims of the scopes.
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    extraTokenClaims: (_, token) => {
      const { oid } = PEOPLE[token.accountId] ?? PROGRAMS[token.clientId] ?? {};
      return oid === undefined ? {} : { oid };
    },
    scopes: ["openid", "offline_access", "profile"],
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          audience: resource,
          scope: `${SCOPE} mail`,
          accessTokenFormat: "jwt",
        }),
      },
    },
    // Shorter than what a client keeps for: every command gets a new token by its refresh token.
    ttl: { AccessToken: 90, ClientCredentials: 90, IdToken: 300, Grant: 600, Session: 600, Interaction: 300, DeviceCode: 300, RefreshToken: 600 },
    cookies: { keys: ["a key for cookies of a test"] },
  };
}

/** Signs the person in and agrees to everything, without a page. */
async function agree(provider, request, response) {
  const { params, session } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? state.person;
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope("openid profile offline_access");
  grant.addResourceScope(AUDIENCE, `${SCOPE} mail`);
  grant.addResourceScope("api://another", `${SCOPE} mail`);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId }, consent });
}

/** Starts it; its name, and how to end it. `portal` is the address of the service. */
export async function start(portal) {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(portal));
  const answer = provider.callback();
  server.on("request", (request, response) => {
    const failed = (error) => response.writeHead(500).end(`${error.stack}`);
    if (request.url.startsWith("/interaction/")) agree(provider, request, response).catch(failed);
    else answer(request, response);
  });
  return { issuer, stop: () => server.closeAllConnections() ?? server.close() };
}
