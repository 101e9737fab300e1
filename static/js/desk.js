// Small conveniences; every page does its work without them.
"use strict";

// A second click on a slow line must not save twice. The name of the pressed button still travels: nothing is disabled.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  // A download leaves the page where it is, and a broken line must not lock the form.
  window.setTimeout(() => release(form), 8000);
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// Going back brings the page as it was left: with its forms still marked as sent.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  // The clipboard is there on https and on this computer only; elsewhere the number is selected with one click.
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.textContent;
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "已复制";
    window.setTimeout(() => { button.textContent = words; }, 2000);
  });
}

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

const keys = document.querySelector("[data-keys]");
if (keys) {
  for (const element of document.querySelectorAll("[accesskey]")) {
    const key = document.createElement("dt");
    const what = document.createElement("dd");
    key.textContent = "Alt+" + element.accessKey.toUpperCase();
    const label = element.labels && element.labels.length ? element.labels[0] : element;
    what.textContent = label.textContent.replace(/Alt\+\S+/, "").trim();
    keys.querySelector("dl").append(key, what);
    keys.hidden = false;
  }
}
