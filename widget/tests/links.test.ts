import assert from "node:assert/strict";
import { test } from "node:test";

import { segments } from "../src/links.ts";

const links = (text: string, market: "it" | "id" = "it"): string[] =>
  segments(text, market).flatMap((part) => (part.href === undefined ? [] : [`${part.text} → ${part.href}`]));

test("web addresses and mailboxes become links", () => {
  assert.deepEqual(links("Veda https://www.generali.it/area-clienti."), [
    "https://www.generali.it/area-clienti → https://www.generali.it/area-clienti",
  ]);
  assert.deepEqual(links("www.generali.it"), ["www.generali.it → https://www.generali.it"]);
  assert.deepEqual(links("Scriva a cs@generali.co.id,"), ["cs@generali.co.id → mailto:cs@generali.co.id"]);
});

test("phone numbers become links, short and free ones as they are dialled", () => {
  assert.deepEqual(links("Numero verde 800 880 880, oppure +39 041 549 1234."), [
    "800 880 880 → tel:800880880",
    "+39 041 549 1234 → tel:+390415491234",
  ]);
  assert.deepEqual(links("Hubungi 15000-37 atau (021) 2996 3700", "id"), [
    "15000-37 → tel:1500037",
    "(021) 2996 3700 → tel:+622129963700",
  ]);
});

for (const text of [
  "Polizza 401122334 o 345678901, nata il 03/04/1985",
  "Il codice è 739204, cioè 739 204",
  "Pratica REQ-2024-000123, DPLK-000000, GRP-0000-0000",
  "Uso il contatto gi••••@e••••.it, va bene?",
  "Uso gi****@e****.it oppure 320 *****19",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x file:///etc/passwd",
]) {
  test(`nothing to follow in: ${text}`, () => {
    assert.deepEqual(links(text), []);
    assert.deepEqual(links(text, "id"), []);
  });
}

test("no character is lost or added", () => {
  const text = "Riga uno\nhttps://a.it  e 800 880 880\n\n• fine <b>grassetto</b> gi••••@e••••.it";
  assert.equal(segments(text, "it").map((part) => part.text).join(""), text);
});
