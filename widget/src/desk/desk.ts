import { Connection } from "./connection.ts";
import { Conversation, type Outgoing } from "./conversation.ts";
import { askPage, type Word } from "./identity.ts";
import { newId } from "./ids.ts";
import type { DeskState, Language, Market, Message, ServerFrame } from "./protocol.ts";
import { SessionRefused, TokenStore } from "./session.ts";
import { Transport } from "./transport.ts";

/** idle: nobody has opened the chat yet · failed: given up until the customer asks again. */
export type Phase = "idle" | "connecting" | "online" | "reconnecting" | "offline" | "failed";
export type Notice = "online" | "expired" | "too_many" | "too_long" | "not_sent" | "person_joined" | "person_left";

export interface DeskOptions {
  server: string;
  market: Market;
  language: Language;
}

const MAX_TRIES = 3;
const RETRY_MS = 3_000;
/** So long a new conversation waits for the page to say who is logged in; later is still told. */
const PAGE_PATIENCE_MS = 3_000;

/** One customer's side of the desk: the session, the line to it and the conversation. No DOM here. */
export class Desk {
  phase: Phase = "idle";
  language: Language;
  heldBy: "bot" | "person" = "bot";
  isTyping = false;
  /** False while the earlier messages of a conversation are still coming in. */
  isCaughtUp = true;
  /** Messages that came since the chat was last open; whoever shows them sets it back. */
  unread = 0;
  /** Something to tell in passing; *noticeCount* changes with each one. */
  notice: Notice | null = null;
  noticeCount = 0;
  conversation = new Conversation();

  readonly #options: DeskOptions;
  readonly #tokens: TokenStore;
  readonly #changed: () => void;
  readonly #transport = new Transport();
  #connection: Connection | null = null;
  #historyUntil = Infinity;
  #wantedLanguage: { clientId: string; language: Language } | null = null;
  #attempt = 0;
  #holding: ReturnType<typeof setTimeout> | undefined;
  /** What the page said last and the desk has not answered yet; only ever kept here. */
  #word: Word | null = null;
  #sentWord: Word | null = null;
  #wordTries = 0;
  #hasAskedPage = false;
  /** The desk takes the page's word for who is there, as of the last it told. */
  #isIdentified = false;

  constructor(options: DeskOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
    this.language = options.language;
    this.#tokens = new TokenStore(options.server, options.market);
  }

  get market(): Market {
    return this.#options.market;
  }

  /** Goes on with the conversation of this tab, if there is one: so that the launcher can count. */
  resume(): void {
    if (this.#tokens.get() !== null) void this.start();
  }

  /** Connects, with a new session if this tab has none. Does nothing while it is under way. */
  async start(): Promise<void> {
    if (this.phase !== "idle" && this.phase !== "failed" && this.phase !== "offline") return;
    this.#setPhase("connecting");
    const attempt = ++this.#attempt;
    try {
      const token = this.#tokens.get() ?? (await this.#open(attempt));
      if (attempt !== this.#attempt || token === null) return;
      this.#tokens.set(token);
      this.#connect();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      const isOffline = !(error instanceof SessionRefused) && !navigator.onLine;
      this.#setPhase(isOffline ? "offline" : "failed");
    }
  }

  stop(): void {
    this.#attempt += 1;
    clearTimeout(this.#holding);
    this.#holding = undefined;
    this.#connection?.close();
    this.#connection = null;
    this.phase = "idle";
  }

  sendText(text: string): void {
    this.#post(this.conversation.add(newId(), text, null, Date.now()));
  }

  /** Presses a choice; a second press of it, or a past one, has no effect. */
  press(buttonId: string, title: string): void {
    if (!this.conversation.mayPress(buttonId)) return;
    this.#post(this.conversation.add(newId(), title, buttonId, Date.now()));
  }

  retry(clientId: string): void {
    const outgoing = this.conversation.find(clientId);
    if (outgoing?.status !== "failed") return;
    outgoing.tries = 0;
    outgoing.status = "waiting";
    this.#post(outgoing);
  }

  setLanguage(language: Language): void {
    if (language === this.language) return;
    this.language = language;
    if (this.phase !== "idle") {
      this.#want(language);
      this.#sendLanguage();
    }
    this.#changed();
  }

  /** Leaves this conversation and begins another. */
  restart(): void {
    this.#begin(new Conversation());
  }

  /** The page says who is there: a signed token, or null once nobody is logged in any more. */
  identify(token: string | null): void {
    this.#word = { token };
    this.#wordTries = 0;
    this.#sendWord();
  }

  /** The network is back, or the customer is: do not wait for the next turn to try. */
  wake(): void {
    if (this.phase === "idle") return;
    if (this.phase === "offline" && this.#connection === null) void this.start();
    else if (this.phase === "online") this.#connection?.check();
    else this.#connection?.redial();
  }

  networkLost(): void {
    if (this.phase === "connecting" || this.phase === "reconnecting" || this.phase === "online") {
      this.#setPhase("offline");
    }
  }

  #begin(conversation: Conversation): void {
    this.stop();
    this.#tokens.set(null);
    this.conversation = conversation;
    this.#wantedLanguage = null;
    this.isTyping = false;
    this.heldBy = "bot";
    this.unread = 0;
    this.#isIdentified = false;
    void this.start();
  }

  /** A new session's token, opened with the page's word for who is there; null if *attempt* is over. */
  async #open(attempt: number): Promise<string | null> {
    await Promise.race([this.#askPage(), pause(PAGE_PATIENCE_MS)]);
    if (attempt !== this.#attempt) return null;
    const word = this.#word;
    const token = await this.#tokens.open({
      market: this.#options.market,
      language: this.language,
      ...(word?.token ? { identity_token: word.token } : {}),
    });
    if (this.#word === word) this.#word = null;
    return token;
  }

  async #askPage(): Promise<void> {
    this.#hasAskedPage = true;
    const before = this.#word;
    const token = await askPage();
    if (token === undefined || this.#word !== before) return;
    // Nobody logged in takes back what a page vouched for, not what the customer proved by a code.
    if (token !== null || this.#isIdentified) this.identify(token);
  }

  #sendWord(): void {
    if (this.phase !== "online" || this.#word === null) return;
    this.#sentWord = this.#word;
    this.#wordTries += 1;
    this.#connection?.send({ type: "identity", token: this.#word.token });
  }

  /** A token is good once: whether one sent before a break arrived can't be known, so ask for another. */
  #sendWordAgain(): void {
    const isDoubtful = this.#word !== null && this.#word === this.#sentWord && this.#word.token !== null;
    if (!this.#hasAskedPage || (isDoubtful && window.sportelloIdentity)) {
      void this.#askPage();
      if (isDoubtful) return;
    }
    this.#sendWord();
  }

  #connect(): void {
    this.#connection?.close();
    this.#connection = new Connection(this.#options.server, this.#transport, {
      opened: () => this.#hello(),
      received: (frame) => this.#receive(frame),
      lost: (code, isFinal) => this.#lost(code, isFinal),
    });
  }

  #hello(): void {
    const token = this.#tokens.get();
    if (token === null) return;
    this.isCaughtUp = false;
    this.#historyUntil = Infinity;
    this.#connection?.send({ type: "hello", token, after: this.conversation.lastSeq });
  }

  #lost(code: number, isFinal: boolean): void {
    this.isTyping = false;
    if (code === 4401) {
      this.#begin(this.conversation.renew());
      this.#tell("expired");
      return;
    }
    if (isFinal) {
      this.#connection?.close();
      this.#connection = null;
      this.#setPhase("failed");
      return;
    }
    this.#setPhase(navigator.onLine ? "reconnecting" : "offline");
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#isIdentified = frame.identified;
        if (frame.pages) this.conversation.closeOtherPages(frame.pages);
        this.#welcome(frame.state, frame.lastSeq, frame.typing);
        break;
      case "message":
        this.#take(frame.message);
        break;
      case "ack":
        this.#stored(frame.clientId);
        break;
      case "typing":
        this.isTyping = frame.on;
        break;
      case "state":
        this.#apply(frame.state);
        break;
      case "pages":
        this.conversation.closeOtherPages(frame.open);
        break;
      case "identity":
        this.#isIdentified = frame.accepted;
        if (this.#word === this.#sentWord) this.#word = null;
        return;
      case "error":
        this.#refused(frame.code, frame.clientId, frame.retryAfter);
        break;
      case "pong":
        return;
    }
    this.#changed();
  }

  #welcome(state: DeskState, lastSeq: number, isTyping: boolean): void {
    this.#tokens.proven();
    const wasDown = this.phase === "reconnecting" || this.phase === "offline";
    this.phase = "online";
    this.isTyping = isTyping;
    this.#historyUntil = lastSeq;
    this.isCaughtUp = this.conversation.lastSeq >= lastSeq;
    const isUntouched = lastSeq === 0 && this.conversation.isEmpty;
    // Nothing was said yet: the page the customer is on now knows their language better.
    if (isUntouched && state.language !== this.language) this.#want(this.language);
    this.#apply(state);
    this.#sendLanguage();
    this.#sendWordAgain();
    for (const outgoing of this.conversation.unstored) this.#post(outgoing);
    if (wasDown) this.#tell("online");
  }

  #take(message: Message): void {
    const isNew = message.seq > this.#historyUntil;
    const isFirstSeen = this.conversation.receive(message, isNew);
    if (message.seq >= this.#historyUntil) this.isCaughtUp = true;
    if (!isNew || !isFirstSeen) return;
    if (message.from !== "customer") this.unread += 1;
    this.#timePage(message);
  }

  /**
   * The clock of the customer's device may be wrong by hours, so a page is closed by the time that
   * has passed since it came. One from before a reload is closed or open as the server says.
   */
  #timePage({ seq, page }: Message): void {
    if (page?.livesMs == null) return;
    const { conversation } = this;
    setTimeout(() => {
      conversation.closePage(seq);
      this.#changed();
    }, page.livesMs);
  }

  #apply(state: DeskState): void {
    if (state.language && this.#wantedLanguage === null) this.language = state.language;
    if (state.heldBy !== this.heldBy && this.isCaughtUp) {
      this.#tell(state.heldBy === "person" ? "person_joined" : "person_left");
    }
    this.heldBy = state.heldBy;
    this.conversation.allow(state.choices);
  }

  #stored(clientId: string): void {
    if (clientId === this.#wantedLanguage?.clientId) this.#wantedLanguage = null;
    const outgoing = this.conversation.find(clientId);
    if (outgoing) outgoing.status = "stored";
  }

  #refused(code: string, clientId: string | null, retryAfter: number | null): void {
    if (clientId === null && this.#word !== null && this.#word === this.#sentWord) {
      this.#wordRefused(code, retryAfter);
      return;
    }
    const outgoing = this.conversation.find(clientId);
    if (!outgoing) return;
    if (code === "rate_limited" || (code === "unavailable" && outgoing.tries < MAX_TRIES)) {
      this.#holdFor(retryAfter === null ? RETRY_MS : retryAfter * 1000);
    } else {
      outgoing.status = "failed";
    }
    if (code === "rate_limited") this.#tell("too_many");
    else if (code === "too_large") this.#tell("too_long");
    else if (outgoing.status === "failed") this.#tell("not_sent");
  }

  #wordRefused(code: string, retryAfter: number | null): void {
    const mayRetry = (code === "rate_limited" || code === "unavailable") && this.#wordTries < MAX_TRIES;
    if (mayRetry) setTimeout(() => this.#sendWord(), retryAfter === null ? RETRY_MS : retryAfter * 1000);
    else this.#word = null;
  }

  /** Lets nothing pass for a while, so that what comes later does not overtake what was refused. */
  #holdFor(ms: number): void {
    this.#holding ??= setTimeout(() => {
      this.#holding = undefined;
      for (const outgoing of this.conversation.unstored) this.#post(outgoing);
    }, ms);
  }

  #post(outgoing: Outgoing): void {
    outgoing.status = this.phase === "online" ? "sent" : "waiting";
    if (outgoing.status === "sent" && this.#holding === undefined) this.#transmit(outgoing);
    this.#changed();
  }

  #transmit(outgoing: Outgoing): void {
    const { clientId, text, buttonId } = outgoing;
    outgoing.tries += 1;
    this.#connection?.send(
      buttonId === null
        ? { type: "text", client_id: clientId, text }
        : { type: "button", client_id: clientId, id: buttonId },
    );
  }

  #want(language: Language): void {
    this.#wantedLanguage = { clientId: newId(), language };
  }

  #sendLanguage(): void {
    if (this.phase !== "online" || this.#wantedLanguage === null) return;
    const { clientId, language } = this.#wantedLanguage;
    this.#connection?.send({ type: "language", client_id: clientId, language });
  }

  #tell(notice: Notice): void {
    this.notice = notice;
    this.noticeCount += 1;
  }

  #setPhase(phase: Phase): void {
    this.phase = phase;
    this.#changed();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
