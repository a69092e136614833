import type { Choice, Message, SecurePage, Speaker } from "./protocol.ts";

/** kept: the server has shown it back · sending: on its way · waiting: no connection · failed: refused. */
export type LineStatus = "kept" | "sending" | "waiting" | "failed";

/** One line as the customer sees it. */
export interface Line {
  /** Stays the same when the server's copy takes the place of the one shown while sending. */
  key: string;
  from: Speaker;
  text: string;
  at: number;
  page: SecurePage | null;
  isPageOpen: boolean;
  /** The choices that may be pressed now. */
  choices: Choice[];
  status: LineStatus;
  clientId: string | null;
}

/** What the customer sent and the server has not yet shown back. */
export interface Outgoing {
  clientId: string;
  text: string;
  buttonId: string | null;
  at: number;
  status: "waiting" | "sent" | "stored" | "failed";
  tries: number;
}

/** The lines of one conversation: the server's by number, then what is still on its way there. */
export class Conversation {
  #messages: Message[] = [];
  #outgoing: Outgoing[] = [];
  #choices = new Set<string>();
  #closedPages = new Set<number>();

  /** The highest number shown; what comes again up to here is a repetition. */
  get lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? 0;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#outgoing.length === 0;
  }

  /** What the desk has kept, in order. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** What must be sent again after a new connection, oldest first. */
  get unstored(): Outgoing[] {
    return this.#outgoing.filter((sent) => sent.status === "waiting" || sent.status === "sent");
  }

  /** Takes a message of the server in; false for one already here. */
  receive(message: Message, isNew = false): boolean {
    if (message.clientId) this.#outgoing = this.#outgoing.filter((sent) => sent.clientId !== message.clientId);
    const place = this.#messages.findLastIndex((kept) => kept.seq <= message.seq) + 1;
    if (this.#messages[place - 1]?.seq === message.seq) return false;
    this.#messages.splice(place, 0, message);
    // The state that names them follows in a moment; showing them at once saves a jump.
    if (isNew && message.buttons.length > 0) this.allow(message.buttons.map((button) => button.id));
    return true;
  }

  /** The time of the page that came with message *seq* is over. */
  closePage(seq: number): void {
    this.#closedPages.add(seq);
  }

  /** Of the pages that came so far only those with messages *seqs* may still be opened. */
  closeOtherPages(seqs: readonly number[]): void {
    for (const { seq, page } of this.#messages) if (page && !seqs.includes(seq)) this.#closedPages.add(seq);
  }

  /** Says which buttons may be pressed from now on. */
  allow(ids: readonly string[]): void {
    this.#choices = new Set(ids);
  }

  add(clientId: string, text: string, buttonId: string | null, at: number): Outgoing {
    const outgoing: Outgoing = { clientId, text, buttonId, at, status: "waiting", tries: 0 };
    // A refused choice is over as soon as the customer goes on in another way.
    this.#outgoing = this.#outgoing.filter((sent) => sent.status !== "failed" || sent.buttonId === null);
    this.#outgoing.push(outgoing);
    return outgoing;
  }

  find(clientId: string | null): Outgoing | undefined {
    return this.#outgoing.find((sent) => sent.clientId === clientId);
  }

  /** True while *buttonId* may be pressed: known, of now, and no answer is already on its way. */
  mayPress(buttonId: string): boolean {
    return this.#choices.has(buttonId) && !this.#isAnswering();
  }

  lines(): Line[] {
    const answering = this.#isAnswering();
    const kept = this.#messages.map((message): Line => ({
      key: message.clientId ?? `s${message.seq}`,
      from: message.from,
      text: message.text,
      at: message.at,
      page: message.page,
      isPageOpen: Boolean(message.page?.url) && !this.#closedPages.has(message.seq),
      choices: answering ? [] : message.buttons.filter((button) => this.#choices.has(button.id)),
      status: "kept",
      clientId: message.clientId,
    }));
    return [...kept, ...this.#outgoing.map(asLine)];
  }

  /** Leaves the messages behind and keeps the texts that never arrived. */
  renew(): Conversation {
    const next = new Conversation();
    for (const sent of this.unstored) {
      if (sent.buttonId === null) next.add(sent.clientId, sent.text, null, sent.at);
    }
    return next;
  }

  #isAnswering(): boolean {
    return this.#outgoing.some((sent) => sent.status !== "failed");
  }
}

function asLine(sent: Outgoing): Line {
  const statuses = { waiting: "waiting", sent: "sending", stored: "kept", failed: "failed" } as const;
  return {
    key: sent.clientId,
    from: "customer",
    text: sent.text,
    at: sent.at,
    page: null,
    isPageOpen: false,
    choices: [],
    status: statuses[sent.status],
    clientId: sent.clientId,
  };
}
