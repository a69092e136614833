import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../src/desk/conversation.ts";
import type { Message } from "../src/desk/protocol.ts";

function message(seq: number, more: Partial<Message> = {}): Message {
  return { seq, from: "bot", text: `m${seq}`, buttons: [], page: null, at: seq, clientId: null, ...more };
}

const texts = (conversation: Conversation): string[] => conversation.lines().map((line) => line.text);

test("messages stand in the order of their numbers, whatever order they come in", () => {
  const conversation = new Conversation();
  for (const seq of [2, 1, 4, 3]) conversation.receive(message(seq));

  assert.deepEqual(texts(conversation), ["m1", "m2", "m3", "m4"]);
  assert.equal(conversation.lastSeq, 4);
});

test("a message that comes again is not shown twice", () => {
  const conversation = new Conversation();

  assert.equal(conversation.receive(message(1)), true);
  assert.equal(conversation.receive(message(1)), false);
  assert.deepEqual(texts(conversation), ["m1"]);
});

test("the desk's copy takes the place of the line shown while sending, under the same key", () => {
  const conversation = new Conversation();
  conversation.add("c1", "codice 123456", null, 0);
  const before = conversation.lines()[0]?.key;
  conversation.receive(message(1, { from: "customer", text: "codice ••••••", clientId: "c1" }));

  assert.deepEqual(texts(conversation), ["codice ••••••"]);
  assert.equal(conversation.lines()[0]?.key, before);
});

test("a copy that comes again still removes the line shown while sending", () => {
  const conversation = new Conversation();
  conversation.receive(message(1, { from: "customer", clientId: "c1" }));
  conversation.add("c1", "di nuovo", null, 0);

  assert.equal(conversation.receive(message(1, { from: "customer", clientId: "c1" })), false);
  assert.deepEqual(texts(conversation), ["m1"]);
});

test("what is on its way stands after what has come", () => {
  const conversation = new Conversation();
  conversation.add("c1", "prima", null, 0);
  conversation.add("c2", "seconda", null, 0);
  conversation.receive(message(1, { from: "customer", text: "prima", clientId: "c1" }));
  conversation.receive(message(2, { text: "risposta" }));

  assert.deepEqual(texts(conversation), ["prima", "risposta", "seconda"]);
});

test("choices can be pressed only while allowed and while no answer is on its way", () => {
  const conversation = new Conversation();
  const buttons = [{ id: "b1", title: "Sì" }];
  conversation.receive(message(1, { buttons }));
  assert.equal(conversation.mayPress("b1"), false);

  conversation.allow(["b1"]);
  assert.equal(conversation.mayPress("b1"), true);

  const sent = conversation.add("c1", "Sì", "b1", 0);
  assert.equal(conversation.mayPress("b1"), false);
  assert.deepEqual(conversation.lines()[0]?.choices, []);

  sent.status = "failed";
  assert.equal(conversation.mayPress("b1"), true);
});

test("the choices of a new message are open before the state that names them", () => {
  const conversation = new Conversation();
  conversation.receive(message(1, { buttons: [{ id: "b1", title: "Vecchia" }] }), true);
  conversation.receive(message(2, { buttons: [{ id: "b2", title: "Nuova" }] }), true);

  assert.equal(conversation.mayPress("b1"), false);
  assert.equal(conversation.mayPress("b2"), true);
});

test("only what the desk has not stored is sent again", () => {
  const conversation = new Conversation();
  conversation.add("c1", "uno", null, 0).status = "stored";
  conversation.add("c2", "due", null, 0).status = "sent";
  conversation.add("c3", "tre", null, 0);
  conversation.add("c4", "quattro", null, 0).status = "failed";

  assert.deepEqual(
    conversation.unstored.map((sent) => sent.clientId),
    ["c2", "c3"],
  );
});

test("a new conversation takes along the words that never arrived, and no choice", () => {
  const conversation = new Conversation();
  conversation.receive(message(1));
  conversation.add("c1", "parole", null, 0);
  conversation.add("c2", "Sì", "b1", 0);

  assert.deepEqual(texts(conversation.renew()), ["parole"]);
});
