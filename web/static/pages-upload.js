// Shows what was chosen and says at once what cannot be sent; the server checks all of it again.
"use strict";

const PREVIEW_HEIGHT = 180;

function problemOf(file, form) {
  if (file.size > Number(form.dataset.bytes)) return form.dataset.tooBig;
  const accepted = form.querySelector("input[type=file]").accept.split(",");
  // A browser that knows no type says nothing: then the server decides.
  if (file.type !== "" && !accepted.includes(file.type)) return form.dataset.wrongType;
  return null;
}

function say(field, input, problem) {
  const id = `${input.id}-errors`;
  const place = field.querySelector("[data-problem]");
  const hint = `${input.id}-hint`;
  input.setAttribute("aria-describedby", problem ? `${id} ${hint}` : hint);
  if (problem === null) {
    input.removeAttribute("aria-invalid");
    place.replaceChildren();
    return;
  }
  const list = document.createElement("ul");
  const item = document.createElement("li");
  const words = document.createElement("span");
  list.className = "errors";
  list.id = id;
  words.textContent = problem;
  item.append(words);
  list.append(item);
  place.replaceChildren(list);
  input.setAttribute("aria-invalid", "true");
}

async function show(canvas, file) {
  canvas.hidden = true;
  if (!file || !file.type.startsWith("image/")) return;
  try {
    const picture = await createImageBitmap(file, { resizeHeight: PREVIEW_HEIGHT, resizeQuality: "medium" });
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
    canvas.hidden = false;
  } catch {
    // Not a picture after all: the server says so in words.
  }
}

function watch(field, form) {
  const input = field.querySelector("input[type=file]");
  const canvas = field.querySelector("[data-preview]");
  input.addEventListener("change", () => {
    const file = input.files[0];
    const problem = file ? problemOf(file, form) : null;
    say(field, input, problem);
    void show(canvas, problem ? null : file);
  });
}

function holdBack(form) {
  // Registered before the page's own handler of `submit`, which then never sees a form held back.
  form.addEventListener(
    "submit",
    (event) => {
      const wrong = [...form.querySelectorAll("input[type=file]")].find(
        (input) => input.files[0] && problemOf(input.files[0], form) !== null,
      );
      if (!wrong) {
        form.querySelector("[data-progress-line]").textContent = form.dataset.sending;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      wrong.focus();
    },
    { capture: true },
  );
}

for (const form of document.querySelectorAll("[data-upload]")) {
  form.querySelectorAll("[data-file]").forEach((field) => watch(field, form));
  holdBack(form);
}
