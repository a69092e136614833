import assert from "node:assert/strict";
import { test } from "node:test";

import { PollingSocket } from "../src/desk/polling.ts";
import { Transport } from "../src/desk/transport.ts";

// Not every version of Node has what browsers have.
Object.assign(globalThis, { WebSocket: class {} });
Object.defineProperty(globalThis, "navigator", { value: { onLine: true } });

/** Dials by what `spoke` says of each: whether polling was chosen every time. */
function dials(transport: Transport, ...spoke: boolean[]): boolean[] {
  return spoke.map((speaks) => {
    const isPolling = transport.kind === PollingSocket;
    if (speaks) transport.spoke();
    transport.ended();
    return isPolling;
  });
}

test("where nothing gets through, sockets and polling are tried in turn", () => {
  assert.deepEqual(dials(new Transport(), false, false, false, false), [false, true, false, true]);
});

test("polling that works is kept", () => {
  assert.deepEqual(dials(new Transport(), false, true, true, true), [false, true, true, true]);
});

test("a restart of the desk does not drive those to polling whose sockets have worked", () => {
  assert.deepEqual(dials(new Transport(), true, false, false, true), [false, false, false, false]);
});

test("who moves to a network without sockets gets polling after a few tries", () => {
  assert.deepEqual(dials(new Transport(), true, false, false, false, true), [false, false, false, false, true]);
});

test("who went to polling for a while is back on sockets after the next break", () => {
  const long = [true, false, false, false, true];
  assert.deepEqual(dials(new Transport(), ...long, true, true).slice(long.length), [false, false]);
});

test("where sockets do not get through any more one dial is enough to know", () => {
  const moved = [true, false, false, false, true];
  assert.deepEqual(dials(new Transport(), ...moved, false, true).slice(moved.length), [false, true]);
});
