// Signs in a person at the hosted pages of a Cognito user pool: authorization code with PKCE (RFC
// 7636), without a client secret. Contacts only the pool's host, and only if the desk names one.

const { signIn: pages, client = "" } = document.documentElement.dataset;
const STORED = "console-sign-in";
const PATIENCE = 15_000;

/** Whether the desk has sign-in pages. */
export const offered = Boolean(pages);

/** The token used as a key, its refresh token, and its expiry. */
export interface Token {
  key: string;
  renewal: string;
  until: number;
}

interface Begun {
  verifier: string;
  state: string;
  hash: string;
}

const here = location.origin + location.pathname.replace(/\/$/, "");
const back = takeBack();

/** The parameters of the redirect, and the state of the request; both are removed from the URL. */
function takeBack(): { told: URLSearchParams; begun: Begun | null } | null {
  const told = new URLSearchParams(location.search);
  if (!offered || !(told.has("code") || told.has("error"))) return null;
  const begun = JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Begun | null;
  sessionStorage.removeItem(STORED);
  history.replaceState(null, "", location.pathname + (begun?.hash ?? ""));
  return { told, begun };
}

/** Whether this load is a redirect from the sign-in pages that this tab requested. */
export const arriving = Boolean(back?.begun);

/** Whether this load is a redirect from the sign-in pages at all. */
export const sent = back !== null;

/** 256 random bits, or other bytes, as base64url (RFC 7636, section 4.1). */
function letters(bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(32))): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Goes to the sign-in pages, which redirect back to the current page. */
export async function begin(): Promise<void> {
  const begun: Begun = { verifier: letters(), state: letters(), hash: location.hash };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier));
  sessionStorage.setItem(STORED, JSON.stringify(begun));
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: client,
    redirect_uri: here,
    scope: "openid email",
    state: begun.state,
    code_challenge: letters(new Uint8Array(digest)),
    code_challenge_method: "S256",
    // The tab may have been left, or be another person's: ask for credentials, as for a key.
    prompt: "login",
  });
  location.assign(`${pages}/oauth2/authorize?${asked}`);
}

/** The token after the redirect; null if this tab did not request it, or signing in failed. */
export async function arrive(): Promise<Token | null> {
  const { told, begun } = back ?? {};
  const code = told?.get("code");
  if (!code || !begun || told?.get("state") !== begun.state) return null;
  const asked = { code, redirect_uri: here, code_verifier: begun.verifier };
  return read(await ask("token", { grant_type: "authorization_code", ...asked }));
}

/** The refreshed token; null if it cannot be refreshed any more, undefined without an answer. */
export async function renew({ renewal }: Token): Promise<Token | null | undefined> {
  const answer = await ask("token", { grant_type: "refresh_token", refresh_token: renewal });
  if (!answer || answer.status >= 500 || answer.status === 429) return undefined;
  return read(answer, renewal);
}

/** Revokes the refresh token, without waiting for the answer. */
export function end({ renewal }: Token): void {
  void ask("revoke", { token: renewal });
}

/** Signs out at the sign-in pages as well, which redirect back to the console. */
export function leave(): void {
  const asked = new URLSearchParams({ client_id: client, logout_uri: here });
  location.assign(`${pages}/logout?${asked}`);
}

async function ask(what: string, told: Record<string, string>): Promise<Response | null> {
  try {
    return await fetch(`${pages}/oauth2/${what}`, {
      method: "POST",
      body: new URLSearchParams({ client_id: client, ...told }),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return null;
  }
}

async function read(answer: Response | null, renewal = ""): Promise<Token | null> {
  if (!answer?.ok) return null;
  try {
    const told = (await answer.json()) as Record<string, unknown>;
    const { id_token: key, refresh_token: next = renewal, expires_in: seconds } = told;
    if (typeof key !== "string" || typeof next !== "string") return null;
    return { key, renewal: next, until: Date.now() + Number(seconds) * 1000 };
  } catch {
    return null;
  }
}
