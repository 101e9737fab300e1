// The page of a call: suggestions while somebody types, and a draft kept every few seconds. All of it is also there by a button.
"use strict";

(() => {
  const form = document.getElementById("call");
  const live = document.querySelector("[data-live]");
  const state = document.querySelector("[data-draft-state]");
  if (!form || !live || !window.fetch) return;

  const ADVICE_AFTER = 600;
  const DRAFT_EVERY = 5000;
  const TELLING = ["matter", "school_text", "grade_text", "category", "caller_phone"];
  let waiting = 0;
  let asking = null;
  let changed = false;
  let gone = false;

  async function send(url, signal) {
    return fetch(url, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "XMLHttpRequest" },
      credentials: "same-origin",
      signal,
    });
  }

  function later() {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(advise, ADVICE_AFTER);
  }

  async function advise() {
    if (asking) asking.abort();
    asking = new AbortController();
    live.setAttribute("aria-busy", "true");
    try {
      const answer = await send(form.dataset.advice, asking.signal);
      // What somebody is just using does not change under the fingers.
      if (answer.ok && !live.contains(document.activeElement)) live.innerHTML = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    live.setAttribute("aria-busy", "false");
  }

  form.addEventListener("input", (event) => {
    changed = true;
    if (TELLING.includes(event.target.name)) later();
  });

  function adopt(button) {
    const field = form.elements[button.dataset.adopt];
    field.value = button.dataset.text || button.value;
    if (button.name === "adopt_policy") {
      form.elements.policy_used.value = button.value;
      if (!form.elements.category.value) form.elements.category.value = "I1";
      document.getElementById("answered").open = true;
    }
    changed = true;
    field.focus();
    later();
  }

  live.addEventListener("click", (event) => {
    const button = event.target.closest("[data-adopt]");
    if (!button) return;
    event.preventDefault();
    adopt(button);
  });

  async function keep() {
    if (!changed || gone) return;
    changed = false;
    try {
      const answer = await send(form.dataset.draft);
      if (answer.status === 401) {
        state.textContent = "登录已过期，文字还在本页；登记时会请您重新登录，内容不会丢。";
        return;
      }
      const kept = await answer.json();
      form.elements.draft.value = kept.draft;
      state.textContent = kept.words;
    } catch {
      changed = true;
      state.textContent = "连不上服务器，草稿暂时没有存上，请不要关闭本页。";
    }
  }

  window.setInterval(keep, DRAFT_EVERY);
  // Registered or left on purpose: a draft saved after that would bring back what is done.
  form.addEventListener("submit", () => { gone = true; });
  window.addEventListener("pageshow", () => { gone = false; });
})();
