// Makes the pages pleasanter; none of them needs it. Runs without inline code, under script-src 'self'.
"use strict";

const language = document.documentElement.lang;

/** The checks a browser can do by itself; the server repeats all of them and adds its own. */
const CHECKS = {
  length: (password, _confirmation, rule) => {
    const length = [...password].length; // code points, as the server counts
    return length >= Number(rule.dataset.min) && length <= Number(rule.dataset.max);
  },
  upper: (password) => /\p{Lu}/u.test(password),
  lower: (password) => /\p{Ll}/u.test(password),
  digit: (password) => /\p{Nd}/u.test(password),
  match: (password, confirmation) => password !== "" && password === confirmation,
};

function tickRules(form) {
  const password = form.elements.namedItem("password");
  const confirmation = form.elements.namedItem("password_confirmation");
  const rules = [...form.querySelectorAll("[data-rule]")];
  const progress = form.querySelector("[data-progress]");
  let announcement;

  const update = () => {
    let met = 0;
    for (const rule of rules) {
      const holds = CHECKS[rule.dataset.rule](password.value, confirmation.value, rule);
      met += Number(holds);
      rule.classList.toggle("is-met", holds);
      rule.querySelector("[data-state]").textContent = holds ? form.dataset.met : form.dataset.open;
    }
    // Spoken after a pause, so that a screen reader is not interrupted at every key.
    clearTimeout(announcement);
    announcement = setTimeout(() => {
      progress.textContent = progress.dataset.progress.replace("{met}", met).replace("{total}", rules.length);
    }, 900);
  };

  form.addEventListener("input", update);
  if (password.value !== "") update();
}

function offerToShow(check) {
  const box = check.querySelector("input");
  const fields = [...check.closest("form").querySelectorAll("input[type=password]")];
  check.hidden = false;
  const show = () => fields.forEach((field) => (field.type = box.checked ? "text" : "password"));
  box.addEventListener("change", show);
  // Back to dots before sending, so that the browser treats the field as a password and offers to keep it.
  check.closest("form").addEventListener("submit", () => {
    box.checked = false;
    show();
  });
}

function warnOfCapsLock(note) {
  note.closest("form").addEventListener("keyup", (event) => {
    if (typeof event.getModifierState !== "function") return;
    note.hidden = !(event.target.type === "password" && event.getModifierState("CapsLock"));
  });
}

/** "9 minuti", then "45 secondi": the browser knows the plural forms. */
function duration(seconds) {
  const minutes = seconds >= 120;
  const count = minutes ? Math.ceil(seconds / 60) : seconds;
  const unit = minutes ? "minute" : "second";
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

function countDown(element) {
  const end = performance.now() + Number(element.dataset.countdown) * 1000;
  const over = element.dataset.over;
  const timer = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) {
      element.textContent = duration(left);
      return;
    }
    clearInterval(timer);
    const line = element.closest("[data-time]");
    if (over && line) {
      line.textContent = over;
      line.setAttribute("role", "status");
    } else if (line) {
      line.hidden = true;
    }
  }, 1000);
}

/** A second press while the first is on its way would use a one-time link twice. */
function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    form.querySelector("button[type=submit]")?.setAttribute("aria-disabled", "true");
  });
  // The page may come back from the browser's cache with the button still off.
  window.addEventListener("pageshow", () => {
    sent = false;
    form.querySelector("button[type=submit]")?.removeAttribute("aria-disabled");
  });
}

document.querySelectorAll("[data-rules]").forEach(tickRules);
document.querySelectorAll("[data-show-password]").forEach(offerToShow);
document.querySelectorAll("[data-caps-lock]").forEach(warnOfCapsLock);
document.querySelectorAll("[data-countdown]").forEach(countDown);
document.querySelectorAll("form").forEach(sendOnce);
