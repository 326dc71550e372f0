// Makes the chat page answer without reloading. Everything here also works without it: forms post, pages reload.
"use strict";
(() => {
  const root = document.documentElement, words = document.body.dataset;
  const log = document.getElementById("log"), composer = document.getElementById("composer");
  const top = document.querySelector(".top"), bottom = document.querySelector(".bottom"), attach = document.querySelector(".attach span");
  let last = words.last, pressed = null, room = 0;
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });

  function bubblesIn(html) {
    const template = document.createElement("template");
    template.innerHTML = html; // our own server's escaped fragment; the policy lets no script in it run
    return Array.from(template.content.querySelectorAll(".bubble"));
  }

  // Bars stay in sight only where they leave room to read.
  function fit() {
    const bars = top.offsetHeight + bottom.offsetHeight, fits = bars < innerHeight / 2;
    room = innerHeight - (fits ? bars : 0) - 24;
    root.classList.toggle("fits", fits);
    root.style.scrollPadding = fits ? `${top.offsetHeight + 10}px 0 ${bottom.offsetHeight + 10}px` : "10px 0";
  }

  // All that is new if it fits, else its beginning.
  function show(nodes) {
    const end = nodes[nodes.length - 1];
    if (!end) return;
    const tall = end.getBoundingClientRect().bottom - nodes[0].getBoundingClientRect().top > room;
    (tall ? nodes[0] : end).scrollIntoView({ block: tall ? "start" : "nearest" });
  }

  // What was said, until the server has it: never with a tick.
  function waiting(text) {
    const bubble = make("div", "bubble mine", "");
    bubble.append(make("p", "text", text), make("p", "status", ""));
    log.append(bubble);
    show([bubble]);
    return bubble;
  }

  function busy(form, is) {
    if (is) form.dataset.busy = "yes"; else delete form.dataset.busy;
    form.setAttribute("aria-busy", is);
    form.querySelectorAll("fieldset").forEach((fields) => { fields.disabled = is; });
  }

  function submitted(event) {
    const form = event.target;
    if (!form.classList.contains("say")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    const data = new FormData(form), button = event.submitter || pressed;
    const named = button && button.name && form.contains(button);
    if (named) data.append(button.name, button.value);
    const label = named ? button.textContent.trim() : (data.get("text") || "").trim();
    data.append("shown", label);
    const file = form === composer && form.elements.file.files[0];
    if (form === composer && !label && !file) return;
    const job = { form, data, bubble: form.closest(".bubble"), mine: null };
    if (!job.bubble) {
      job.mine = waiting(label || file.name);
      if (form === composer) { form.reset(); attached(); }
      form.elements.key.value = newKey(); // what waits keeps its key in job.data, however often it is sent
    }
    send(job);
  }

  async function send(job) {
    const status = (job.mine || job.form).querySelector(".status"), patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), job.form === composer ? 180000 : 20000);
    busy(job.form, true);
    Object.assign(status, { className: "status", textContent: words.sending });
    try {
      const response = await fetch("/say", { method: "POST", body: job.data, headers: { "X-Fragment": "1" }, signal: patience.signal });
      if (response.status === 401) { location.assign("/"); return; }
      const body = await response.text(), plain = /^text\/plain/.test(response.headers.get("content-type"));
      busy(job.form, false);
      if (response.ok) placed(job, bubblesIn(body)); else failed(job, status, plain ? body : words.failed, response.status >= 429);
    } catch (error) {
      busy(job.form, false);
      failed(job, status, words.failed, true);
    }
    clearTimeout(timer);
  }

  function failed(job, status, sentence, repeatable) {
    Object.assign(status, { className: "status failed", textContent: sentence });
    if (!repeatable) return;
    const button = Object.assign(make("button", "retry", words.retry), { type: "button" });
    button.addEventListener("click", () => job.form.dataset.busy || send(job));
    status.append(button);
    show([job.mine || job.bubble]);
  }

  // The first reply that edits takes the place of what was pressed; the others follow at the end.
  function placed(job, nodes) {
    const edit = job.bubble && nodes.find((node) => "edits" in node.dataset);
    job.form.querySelectorAll(".status").forEach((status) => { status.textContent = ""; });
    if (job.mine) job.mine.remove(); else if (!edit) job.form.elements.key.value = newKey();
    for (const node of nodes) { if (node === edit) job.bubble.replaceWith(node); else log.append(node); }
    show(nodes);
    if (job.bubble && nodes.length) nodes[0].focus({ preventScroll: true });
    if (!edit) closeAnswered(nodes);
  }

  // A card answered by typing must no longer look pressable. Which are still open, the server says.
  async function closeAnswered(fresh) {
    const cards = Array.from(log.querySelectorAll("form.card:not(.shut)")).filter((card) => !fresh.includes(card.closest(".bubble")));
    const response = cards.length ? await fetch("/", { headers: { "X-Fragment": "1" } }).catch(() => null) : null;
    if (!response || !response.ok) return;
    const now = bubblesIn(await response.text()).map((bubble) => bubble.querySelector("form.card"));
    const open = new Set(now.filter(Boolean).map((card) => card.dataset.token));
    for (const card of cards.filter((one) => !open.has(one.dataset.token))) { card.classList.add("shut"); busy(card, true); }
  }

  function listen() {
    const source = new EventSource("/stream?after=" + encodeURIComponent(last));
    source.addEventListener("delivery", (event) => {
      last = event.lastEventId;
      const atEnd = innerHeight + scrollY > root.scrollHeight - 200;
      const nodes = bubblesIn(event.data).filter((node) => !document.getElementById(node.id));
      log.append(...nodes);
      if (atEnd) show(nodes);
    });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(listen, 15000); };
  }

  function attached() {
    const file = composer.elements.file.files[0];
    attach.parentNode.classList.toggle("full", Boolean(file));
    attach.textContent = file ? file.name : words.attach;
  }

  root.classList.add("js");
  addEventListener("resize", fit);
  if (window.ResizeObserver) new ResizeObserver(fit).observe(bottom);
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);
  document.addEventListener("submit", submitted);
  composer.elements.file.addEventListener("change", attached);
  composer.elements.text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    composer.querySelector(".send").click(); // not requestSubmit, which older WebViews lack
  });
  fit();
  if (!location.hash) document.getElementById("end").scrollIntoView();
  listen();
})();
