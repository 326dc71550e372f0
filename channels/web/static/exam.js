// The exam page with a script: the time left by the server's clock, and each choice saved at once. Without it the buttons do both.
"use strict";
(() => {
  const told = document.body.dataset;
  document.documentElement.classList.add("js");
  const ahead = Date.parse(told.now) - Date.now();
  const ends = told.ends ? Date.parse(told.ends) : 0;
  const left = document.getElementById("left");
  const soon = document.getElementById("soon");
  const form = document.getElementById("answer");
  const saved = document.getElementById("saved");
  let announced = 99;

  function tick() {
    const seconds = Math.floor((ends - Date.now() - ahead) / 1000);
    if (seconds < 0) {
      window.setTimeout(() => location.replace(told.over), 11500);
      return;
    }
    left.textContent = told.left.replace("{m}", Math.floor(seconds / 60)).replace("{s}", String(seconds % 60).padStart(2, "0"));
    for (const minutes of [5, 1]) {
      if (seconds <= minutes * 60 && minutes < announced) {
        announced = minutes;
        soon.textContent = told.soon.replace("{m}", minutes);
        soon.hidden = false;
      }
    }
    window.setTimeout(tick, 1000 - ((Date.now() + ahead) % 1000));
  }
  if (ends && left) tick();

  if (!form || !window.fetch) return;
  let version = 0;
  let waiting = 0;

  function say(text, failed) {
    saved.textContent = text;
    saved.classList.toggle("failed", Boolean(failed));
  }

  function ready() {
    const boxes = form.querySelectorAll("input[type=checkbox]");
    return !boxes.length || form.querySelectorAll("input[type=checkbox]:checked").length > 1;
  }

  async function save(mine) {
    if (mine !== version) return;
    say(told.saving);
    const body = new FormData(form);
    body.set("go", "save");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), headers: { "X-Fragment": "1" }, redirect: "manual" });
      if (mine !== version) return;
      if (answer.type === "opaqueredirect") { location.replace(told.over); return; }
      if (answer.ok) { waiting = 0; say(told.saved); return; }
      if (answer.status === 422) { waiting = 0; say(await answer.text(), true); return; }
    } catch { /* no connection: tried again below */ }
    if (mine !== version) return;
    waiting = 1;
    say(told.unsaved, true);
    window.setTimeout(() => save(mine), 3000);
  }

  form.addEventListener("change", () => {
    version += 1;
    if (ready()) save(version);
  });
  // While a choice could not be saved, going on would lose it: the page stays until it is.
  form.addEventListener("submit", (event) => {
    if (waiting && !navigator.onLine) {
      event.preventDefault();
      say(told.unsaved, true);
    }
  });
  window.addEventListener("online", () => { if (waiting) save(version); });
})();
