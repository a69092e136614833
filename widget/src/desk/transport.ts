import { PollingSocket } from "./polling.ts";

/** So many dials in vain until polling is tried where sockets have worked before. */
const PATIENCE = 3;

/**
 * Chooses between sockets and polling: where no socket gets through, both are tried in turn, and
 * what worked is kept; only where sockets have worked before, they are tried again after a break.
 */
export class Transport {
  #isPolling = false;
  #haveSocketsWorked = false;
  #hasSpoken = false;
  #dialsInVain = 0;
  #patience = 1;

  get kind(): typeof WebSocket | typeof PollingSocket {
    return this.#isPolling ? PollingSocket : WebSocket;
  }

  /** A frame came. */
  spoke(): void {
    this.#hasSpoken = true;
    if (this.#isPolling) return;
    this.#haveSocketsWorked = true;
    this.#patience = PATIENCE;
  }

  /** The line is over; the next may be of the other kind. */
  ended(): void {
    // Without a network nothing is learnt of what gets through it.
    const isInVain = !this.#hasSpoken && navigator.onLine !== false;
    const isOnlyInstead = this.#isPolling && this.#hasSpoken && this.#haveSocketsWorked;
    this.#dialsInVain = isInVain ? this.#dialsInVain + 1 : 0;
    this.#hasSpoken = false;
    if (!isOnlyInstead && this.#dialsInVain < this.#patience) return;
    this.#dialsInVain = 0;
    this.#patience = 1;
    this.#isPolling = !this.#isPolling;
  }
}
