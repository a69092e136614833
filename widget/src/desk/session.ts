import type { Language, Market } from "./protocol.ts";

const TIMEOUT_MS = 15_000;

/** The server would not open a session; *mayRetry* is false when trying again cannot help. */
export class SessionRefused extends Error {
  constructor(readonly status: number) {
    super(`session refused: ${status}`);
  }

  get mayRetry(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

export interface SessionWish {
  market: Market;
  language: Language;
  /** The page's word for who is logged in, where it gave one. */
  identity_token?: string;
}

/** Asks *server* for a new conversation and gives the token that opens it. */
export async function openSession(server: string, wish: SessionWish): Promise<string> {
  const response = await fetch(new URL("/widget/sessions", server), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
    credentials: "omit",
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new SessionRefused(response.status);
  const body: unknown = await response.json();
  const token = typeof body === "object" && body !== null && "token" in body ? body.token : null;
  if (typeof token !== "string") throw new SessionRefused(502);
  return token;
}

/**
 * The token of this tab's conversation. Nothing else is ever stored in the browser, and nothing
 * outlives the tab; where storage is switched off the token lives as long as the page.
 */
export class TokenStore {
  readonly #key: string;
  #token: string | null = null;

  constructor(server: string, market: Market) {
    this.#key = `sportello-chat ${server} ${market}`;
    try {
      this.#token = sessionStorage.getItem(this.#key);
    } catch {
      this.#token = null;
    }
  }

  get(): string | null {
    return this.#token;
  }

  set(token: string | null): void {
    this.#token = token;
    try {
      if (token === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, token);
    } catch {
      // Storage is switched off: the conversation then ends with the page, which is all that is lost.
    }
  }
}
