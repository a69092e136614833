/** How the answers of plain requests read as closing codes of a socket (docs/widget-protocol.md). */
const CODES: Record<number, number> = { 400: 4400, 401: 4401, 403: 4403, 429: 4429 };
const BROKEN = 1006;
/** Longer than the desk lets a poll wait. */
const TIMEOUT_MS = 40_000;

/**
 * Stands in for a `WebSocket` where these are blocked: the same frames over plain requests, one
 * that waits for news and one at a time that carries what is sent.
 */
export class PollingSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  readonly url: string;
  binaryType = "blob";
  readyState = PollingSocket.CONNECTING;
  readonly #base: URL;
  readonly #ending = new AbortController();
  #hello = "";
  #waiting: string[] = [];
  #isSending = false;

  constructor(url: string) {
    super();
    this.url = url;
    this.#base = new URL(url);
    this.#base.protocol = this.#base.protocol === "wss:" ? "https:" : "http:";
    queueMicrotask(() => {
      if (this.readyState !== PollingSocket.CONNECTING) return;
      this.readyState = PollingSocket.OPEN;
      this.dispatchEvent(new Event("open"));
    });
  }

  send(frame: string): void {
    if (this.#hello === "") {
      this.#hello = frame;
      void this.#poll();
    } else {
      this.#waiting.push(frame);
      void this.#sendAll();
    }
  }

  close(code = 1000): void {
    if (this.readyState === PollingSocket.CLOSED) return;
    this.readyState = PollingSocket.CLOSED;
    this.#ending.abort();
    this.dispatchEvent(new CloseEvent("close", { code }));
  }

  async #poll(): Promise<void> {
    const hello: object = JSON.parse(this.#hello);
    let cursor = {};
    while (this.readyState === PollingSocket.OPEN) {
      for (const line of await this.#post("/widget/poll", [JSON.stringify({ ...hello, ...cursor })])) {
        const place = readCursor(line);
        if (place === null) this.#receive(line);
        else cursor = { cursor: place };
      }
    }
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting.length > 0 && this.readyState === PollingSocket.OPEN) {
      const frames = this.#waiting.splice(0, 20);
      for (const line of await this.#post("/widget/frames", [this.#hello, ...frames])) this.#receive(line);
    }
    this.#isSending = false;
  }

  #receive(line: string): void {
    if (this.readyState === PollingSocket.OPEN) this.dispatchEvent(new MessageEvent("message", { data: line }));
  }

  /** The lines of the answer; a request that fails closes the line and has none. */
  async #post(path: string, lines: string[]): Promise<string[]> {
    const patience = setTimeout(() => this.close(BROKEN), TIMEOUT_MS);
    try {
      const response = await fetch(new URL(path, this.#base), {
        method: "POST",
        headers: { "Content-Type": "application/x-ndjson" },
        body: lines.join("\n"),
        credentials: "include",
        cache: "no-store",
        signal: this.#ending.signal,
      });
      if (response.ok) return (await response.text()).split("\n").filter((line) => line !== "");
      this.close(CODES[response.status] ?? BROKEN);
    } catch {
      this.close(BROKEN);
    } finally {
      clearTimeout(patience);
    }
    return [];
  }
}

function readCursor(line: string): string | null {
  const frame: unknown = JSON.parse(line);
  if (typeof frame !== "object" || frame === null || !("type" in frame) || frame.type !== "cursor") return null;
  return "cursor" in frame && typeof frame.cursor === "string" ? frame.cursor : null;
}
