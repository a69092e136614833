import { findPhoneNumbersInText } from "libphonenumber-js/core";
import { tokenize } from "linkifyjs";
import phoneMetadata from "phone-metadata";

import type { Market } from "./desk/protocol.ts";

/** A stretch of text; with *href* it is a link to a web address, a mailbox or a phone. */
export interface Segment {
  text: string;
  href?: string;
}

const COUNTRIES = { it: "IT", id: "ID" } as const;
const SAFE_LINK = /^(https?|mailto):/i;
/** A masked contact, "gi••••@e••••.it", holds pieces that look like addresses and are none. */
const MASK = /[•*…@]$/;
/** Policy numbers and dates have as many digits as phone numbers; phones begin like this. */
const PHONE_START = /^(\+|\(?0|800|1500)/;
const INSIDE_SOMETHING = /[\w./•*@-]/;
/** Free and short numbers are dialled as they are written, without a country in front. */
const NATIONAL_ONLY = /^(800|1500)/;

/** Cuts *text* into plain stretches and links. The text itself is never markup. */
export function segments(text: string, market: Market): Segment[] {
  let before = "";
  return tokenize(text).flatMap((token) => {
    const written = token.toString();
    const href = token.isLink && !MASK.test(before) ? token.toHref("https") : "";
    before = written;
    if (SAFE_LINK.test(href)) return [{ text: written, href }];
    return token.isLink ? [{ text: written }] : phones(written, market);
  });
}

function phones(text: string, market: Market): Segment[] {
  const found = findPhoneNumbersInText(text, { defaultCountry: COUNTRIES[market] }, phoneMetadata);
  const parts: Segment[] = [];
  let end = 0;
  for (const { startsAt, endsAt, number } of found) {
    const written = text.slice(startsAt, endsAt);
    if (!isPhone(written, text.charAt(startsAt - 1), text.charAt(endsAt))) continue;
    const { nationalNumber } = number;
    const dialled = NATIONAL_ONLY.test(nationalNumber) ? nationalNumber : number.number;
    parts.push({ text: text.slice(end, startsAt) }, { text: written, href: `tel:${dialled}` });
    end = endsAt;
  }
  parts.push({ text: text.slice(end) });
  return parts.filter((part) => part.text !== "");
}

function isPhone(written: string, before: string, after: string): boolean {
  return (
    PHONE_START.test(written) && !/[,/]/.test(written) && !INSIDE_SOMETHING.test(before) && !/[\w•*@]/.test(after)
  );
}
