// The exam page with a script: the time left by the server's clock, and each choice saved at once. Without it the buttons do both.
"use strict";
(() => {
  const told = document.body.dataset, by = (id) => document.getElementById(id);
  const left = by("left"), soon = by("soon"), form = by("answer"), last = by("hand-in"), saved = by("saved");
  const AGAIN = 3000, PATIENCE = 15000, PAUSE = { radio: 250, checkbox: 250, text: 900 };
  let dirty = false, sending = false, failing = false, leaving = false, timer = 0, pressed = null, wanted = null;

  // Time. The server wrote its time into the page; the page began to arrive when `arrived` says. The phone's own clock may be wrong.
  const loaded = window.performance && performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
  const arrived = loaded && performance.timeOrigin ? performance.timeOrigin + loaded.responseStart : Date.now();
  const ends = told.ends ? Date.parse(told.ends) - Date.parse(told.now) + arrived : 0;

  function tick() {
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    if (seconds <= 0) { over(); return; }
    left.textContent = told.left.replace("{m}", Math.floor(seconds / 60)).replace("{s}", String(seconds % 60).padStart(2, "0"));
    const minutes = seconds <= 60 ? 1 : seconds <= 300 ? 5 : 0;
    if (minutes) warn(minutes);
    setTimeout(tick, 250);
  }

  // Said aloud once in a sitting, not again on each question; shown on every one.
  function warn(minutes) {
    const text = told.soon.replace("{m}", minutes), key = `exam-${told.paper}-${minutes}`;
    if (soon.textContent === text) return;
    let before = null;
    try { before = sessionStorage.getItem(key); sessionStorage.setItem(key, "1"); } catch (error) { /* none in this WebView */ }
    soon.setAttribute("role", before ? "note" : "alert");
    soon.hidden = false;
    soon.textContent = text;
  }

  // Whatever is chosen when the time is up is still sent; the server takes it for some seconds more, then hands in by itself.
  function over() {
    left.textContent = told.left.replace("{m}", 0).replace("{s}", "00");
    soon.setAttribute("role", "alert");
    soon.hidden = false;
    soon.textContent = told.ending;
    if (form) form.querySelectorAll("button").forEach((each) => { each.disabled = true; });
    if (dirty) save();
    setTimeout(away, 11500);
  }

  function away() {
    if (navigator.onLine === false) { addEventListener("online", away, { once: true }); return; }
    go(told.over);
  }

  function go(where) {
    leaving = true;
    location.replace(where);
  }

  function say(text, failed) {
    saved.textContent = text;
    saved.classList.toggle("failed", Boolean(failed));
  }

  // Whether what stands on the page is an answer: one tick of several is not yet.
  function enough() {
    const text = form.elements.text;
    if (text) return Boolean(text.value.trim());
    const ticked = form.querySelectorAll("input:checked").length;
    return form.querySelector("input[type=checkbox]") ? ticked > 1 : ticked === 1;
  }

  function changed(event) {
    clearTimeout(timer);
    dirty = enough();
    if (!dirty) { say(form.dataset.few, true); return; }
    if (!sending && !failing) say("");
    timer = setTimeout(save, failing ? 0 : PAUSE[event.target.type] || 250);
  }

  // One at a time, so that an older choice can never overtake a newer one.
  async function save() {
    clearTimeout(timer);
    if (sending || !dirty) return;
    const body = new URLSearchParams(new FormData(form)), patience = new AbortController();
    const late = setTimeout(() => patience.abort(), PATIENCE);
    dirty = false;
    sending = true;
    if (!failing) say(told.saving);
    let answer = null, text = "";
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { "X-Fragment": "1" }, signal: patience.signal });
      text = await answer.text();
    } catch (error) { answer = null; }
    clearTimeout(late);
    sending = false;
    heard(answer, text);
  }

  function heard(answer, text) {
    if (!answer || answer.status === 429 || answer.status >= 500) { again(); return; }
    failing = false;
    let found = { trouble: text };
    try { found = JSON.parse(text); } catch (error) { /* a plain sentence: signed out, or not found */ }
    if (found.over) { go(found.over); return; }
    if ("given" in found) form.elements.given.value = found.given;
    if (answer.status === 409) { dirty = true; save(); return; }
    if (dirty) { save(); return; }
    if (!answer.ok) { wanted = null; say(found.trouble, true); return; }
    if (enough()) say(told.saved);
    if (wanted) press(wanted);
  }

  function again() {
    dirty = failing = true;
    say(told.unsaved, true);
    timer = setTimeout(save, AGAIN);
  }

  function press(button) {
    wanted = null;
    button.click(); // not requestSubmit, which older WebViews lack
  }

  // While a choice is not saved, going on would lose it: the page stays until it is, then goes where was pressed.
  function submitted(event) {
    const unsaved = dirty || sending;
    if (!unsaved && navigator.onLine !== false) { leaving = true; return; }
    event.preventDefault();
    wanted = unsaved ? event.submitter || pressed : null;
    if (!unsaved) say(told.offline, true); else if (!failing || navigator.onLine) save();
  }

  document.documentElement.classList.add("js");
  if (ends) tick();
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  if (last) last.addEventListener("submit", (event) => { if (navigator.onLine === false) { event.preventDefault(); say(told.offline, true); } });
  if (!form || !window.fetch || !window.AbortController) return;
  form.addEventListener("change", (event) => { if (event.target.type !== "text") changed(event); });
  form.addEventListener("input", (event) => { if (event.target.type === "text") changed(event); });
  form.addEventListener("submit", submitted);
  addEventListener("online", () => { if (dirty) save(); });
  // What was chosen before this script had arrived: no event told of it.
  const early = [...form.querySelectorAll("input")].find((each) => each.checked !== each.defaultChecked || (each.type === "text" && each.value !== each.defaultValue));
  if (early) changed({ target: early });
  addEventListener("beforeunload", (event) => { if ((dirty || sending) && !leaving) { event.preventDefault(); event.returnValue = ""; } });
})();
