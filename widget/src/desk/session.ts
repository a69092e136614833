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

/**
 * Asks *server* for a new conversation and gives the token that opens it. With *isBound* the token
 * is good in this browser only; the server may first have to set the cookie by which it knows it.
 */
async function openSession(server: string, wish: SessionWish, isBound: boolean): Promise<string> {
  let answer = await post(server, isBound ? { ...wish, bind: "ask" } : wish);
  if (answer["ask_again"] === true) answer = await post(server, { ...wish, bind: "try" });
  const { token } = answer;
  if (typeof token !== "string") throw new SessionRefused(502);
  return token;
}

async function post(server: string, wish: object): Promise<Record<string, unknown>> {
  const response = await fetch(new URL("/widget/sessions", server), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
    credentials: "include",
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new SessionRefused(response.status);
  const body: unknown = await response.json();
  return typeof body === "object" && body !== null ? { ...body } : {};
}

/**
 * The token of this tab's conversation. Nothing else is ever stored in the browser, and nothing
 * outlives the tab; where storage is switched off the token lives as long as the page.
 */
export class TokenStore {
  readonly #server: string;
  readonly #key: string;
  #token: string | null = null;
  /** Opened here and never let in yet. */
  #isUnproven = false;
  #mayBind = true;

  constructor(server: string, market: Market) {
    this.#server = server;
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

  /** A new session's token; `set` keeps it. */
  async open(wish: SessionWish): Promise<string> {
    const token = await openSession(this.#server, wish, this.#mayBind);
    this.#isUnproven = true;
    return token;
  }

  /** The desk has let us in by it. */
  proven(): void {
    this.#isUnproven = false;
  }

  set(token: string | null): void {
    this.#token = token;
    // Never let in: this browser keeps the cookie from sockets, so the next session does without.
    if (token === null && this.#isUnproven) this.#mayBind = false;
    try {
      if (token === null) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, token);
    } catch {
      // Storage is switched off: the conversation then ends with the page, which is all that is lost.
    }
  }
}
