import ReconnectingWebSocket, { type CloseEvent } from "partysocket/ws";

import { type ClientFrame, readFrame, type ServerFrame } from "./protocol.ts";
import type { Transport } from "./transport.ts";

/** Close codes after which the same token or page will never be let in. */
const FINAL_CODES = new Set([4400, 4401, 4403]);
const SILENT = 1006;
const PING_EVERY_MS = 25_000;
const SILENCE_LIMIT_MS = 10_000;

export interface ConnectionEvents {
  opened(): void;
  received(frame: ServerFrame): void;
  /** The line is down and will be tried again, unless *isFinal*. */
  lost(code: number, isFinal: boolean): void;
}

/** A line that comes back by itself and notices when the other side has gone quiet. */
export class Connection {
  readonly #address: string;
  readonly #events: ConnectionEvents;
  readonly #transport: Transport;
  #socket: ReconnectingWebSocket;
  #pinging: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;
  #expecting: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string, transport: Transport, events: ConnectionEvents) {
    this.#transport = transport;
    this.#events = events;
    const address = new URL("/widget/socket", server);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.#address = address.href;
    this.#socket = this.#dial();
  }

  send(frame: ClientFrame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify(frame));
    this.#expectAnswer();
  }

  /** Asks whether the line lives; if it does not, silence will tell. */
  check(): void {
    this.send({ type: "ping" });
  }

  /** Begins anew at once. The library's own `reconnect` still waits for a delay that has begun. */
  redial(): void {
    const old = this.#socket;
    this.#rest();
    this.#socket = this.#dial();
    old.close();
  }

  /** No event comes after this. */
  close(): void {
    this.#rest();
    this.#isClosed = true;
    this.#socket.close();
  }

  #dial(): ReconnectingWebSocket {
    const transport = this.#transport;
    const socket = new ReconnectingWebSocket(this.#address, [], {
      get WebSocket() {
        return transport.kind;
      },
      minReconnectionDelay: 600 + Math.random() * 600,
      maxReconnectionDelay: 15_000,
      reconnectionDelayGrowFactor: 1.7,
      connectionTimeout: 6_000,
      // What was not stored is sent again after the welcome, by whoever knows what was stored.
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: (event: CloseEvent) => !FINAL_CODES.has(event.code),
    });
    const current = (then: () => void) => () => {
      if (socket === this.#socket && !this.#isClosed) then();
    };
    socket.addEventListener("open", current(() => this.#opened()));
    socket.addEventListener("message", (event) => current(() => this.#received(event.data))());
    socket.addEventListener("close", (event) => current(() => this.#closed(event.code))());
    return socket;
  }

  #opened(): void {
    this.#pinging = setInterval(() => this.send({ type: "ping" }), PING_EVERY_MS);
    this.#events.opened();
  }

  #received(data: unknown): void {
    clearTimeout(this.#expecting);
    this.#expecting = undefined;
    const frame = readFrame(data);
    this.#transport.spoke();
    if (frame) this.#events.received(frame);
  }

  #closed(code: number): void {
    this.#rest();
    if (isSaid(code)) this.#transport.spoke();
    this.#transport.ended();
    this.#events.lost(code, FINAL_CODES.has(code));
  }

  /** Every frame is answered; silence means that the line is dead although nobody closed it. */
  #expectAnswer(): void {
    this.#expecting ??= setTimeout(() => {
      this.#transport.ended();
      this.#events.lost(SILENT, false);
      this.redial();
    }, SILENCE_LIMIT_MS);
  }

  #rest(): void {
    clearInterval(this.#pinging);
    clearTimeout(this.#expecting);
    this.#expecting = undefined;
  }
}

/** Whether somebody at the other end said so; else the line broke, or never was. */
function isSaid(code: number): boolean {
  return code > SILENT && code !== 1015;
}
