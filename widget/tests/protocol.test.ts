import assert from "node:assert/strict";
import { test } from "node:test";

import { readFrame } from "../src/desk/protocol.ts";

const read = (value: unknown): unknown => readFrame(JSON.stringify(value));

test("frames of unknown kinds and what is no frame are passed over", () => {
  assert.equal(read({ type: "later" }), null);
  assert.equal(read(["message"]), null);
  assert.equal(readFrame("{broken"), null);
  assert.equal(readFrame(new ArrayBuffer(2)), null);
  assert.equal(read({ type: "message", text: "without a number" }), null);
});

test("a message with missing fields is still a message", () => {
  const frame = readFrame('{"type":"message","seq":3,"from":"bot","text":"ciao"}');

  assert.equal(frame?.type, "message");
  assert.deepEqual(frame?.type === "message" && frame.message.buttons, []);
  assert.equal(frame?.type === "message" && frame.message.page, null);
});

for (const url of ["javascript:alert(1)", "data:text/html,x", "//", "", 7, null]) {
  test(`a page whose address is ${JSON.stringify(url)} has no address`, () => {
    const frame = readFrame(JSON.stringify({ type: "message", seq: 1, page: { kind: "password", minutes: 10, url } }));

    assert.equal(frame?.type === "message" && frame.message.page?.url, null);
  });
}

test("only what is plainly accepted counts as such", () => {
  for (const accepted of [false, "true", 1, null, undefined]) {
    assert.deepEqual(read({ type: "identity", accepted }), { type: "identity", accepted: false });
  }
  assert.deepEqual(read({ type: "identity", accepted: true }), { type: "identity", accepted: true });
});

test("choices without an id are dropped", () => {
  const buttons = [{ title: "senza" }, { id: "b1", title: "con" }, null];
  const frame = readFrame(JSON.stringify({ type: "message", seq: 1, buttons }));

  assert.deepEqual(frame?.type === "message" && frame.message.buttons, [{ id: "b1", title: "con" }]);
});
