// A town's identity provider for the tests: npm's oidc-provider, told by a file what it is and whom it knows.
// Started as: node provider.mjs FILE; ready once it says so. The file is read again whenever somebody signs in.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const file = process.argv[2];
const told = () => JSON.parse(readFileSync(file, "utf8"));
const { issuer, port, host, client, jwks, acrValues, packages } = told();
// It lies where it was fetched to, which is not where this file does.
const found = createRequire(`${packages}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found).href);

const PROFILE = ["uid", "siret", "given_name", "usual_name", "email", "email_verified", "organizational_unit"];
const provider = new Provider(issuer, {
  clients: [client],
  jwks,
  acrValues,
  claims: { openid: ["sub", "acr", "amr", "sid"], agent: PROFILE },
  scopes: ["openid", "agent"],
  cookies: { keys: ["only ever in tests"] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    jwtUserinfo: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = `<!doctype html><title>Fin</title>${form}`; } },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(ctx, id) {
    const claims = told().people[id];
    return claims && { accountId: id, claims: () => ({ sub: claims.sub ?? id, ...claims }) };
  },
  async loadExistingGrant(ctx) { // nobody is asked for consent: the town gave it
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid agent");
    await grant.save();
    return grant;
  },
  // The desk of a test is on this very machine, where the provider's own dispatcher goes to nobody.
  fetch: (url, options) => globalThis.fetch(url, { ...options, dispatcher: undefined }),
  renderError(ctx, out) { ctx.type = "json"; ctx.body = out; },
});
provider.on("server_error", (ctx, error) => console.error(error));
provider.on("backchannel.error", (ctx, error) => console.error(error.message, error.cause ?? ""));

// The page where somebody signs in: their name is all it takes, and at which strength.
async function interaction(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="fr"><title>Fournisseur d’identité</title><h1>Fournisseur d’identité d’essai</h1>
      <form method="post"><label>Personne <input name="who"></label><label>Niveau <input name="acr"></label>
      <button>Continuer</button></form>`);
    return;
  }
  let sent = "";
  for await (const piece of request) sent += piece;
  const form = new URLSearchParams(sent);
  const result = form.get("who")
    ? { login: { accountId: form.get("who"), acr: form.get("acr") || undefined, amr: ["pwd"] } }
    : { error: "access_denied", error_description: "Abandon" };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interaction(request, response).catch((error) => { response.statusCode = 400; response.end(String(error)); });
}).listen(port, host, () => console.log(`ready: ${issuer}`));
