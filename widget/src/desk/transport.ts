import { PollingSocket } from "./polling.ts";

/** So many dials in vain until polling is tried where sockets have worked before. */
const PATIENCE = 3;

/**
 * Chooses between sockets and polling: where no socket gets through, both are tried in turn, and
 * what worked is kept.
 */
export class Transport {
  #isPolling = false;
  #haveSocketsWorked = false;
  #hasSpoken = false;
  #dialsInVain = 0;

  get kind(): typeof WebSocket | typeof PollingSocket {
    return this.#isPolling ? PollingSocket : WebSocket;
  }

  /** A frame came. */
  spoke(): void {
    this.#hasSpoken = true;
    if (!this.#isPolling) this.#haveSocketsWorked = true;
  }

  /** The line is over; after one that never spoke the next may be of the other kind. */
  ended(): void {
    // Without a network nothing is learnt of what gets through it.
    const isInVain = !this.#hasSpoken && navigator.onLine !== false;
    this.#dialsInVain = isInVain ? this.#dialsInVain + 1 : 0;
    this.#hasSpoken = false;
    if (this.#dialsInVain < (this.#haveSocketsWorked && !this.#isPolling ? PATIENCE : 1)) return;
    this.#dialsInVain = 0;
    this.#isPolling = !this.#isPolling;
  }
}
