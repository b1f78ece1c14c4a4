/* Enhances pages that work without it: saves what is entered; the server says which questions follow.
   Nothing is kept in the browser or decided here. */

const form = document.querySelector("form[data-live]");
const away = document.getElementById("leave-now");
const box = document.getElementById("questions");
const used = new Set(); // controls the respondent used: their state is theirs
let edits = 0, saved = 0, timer = 0, sending = null, news = null;
let isLeaving = false, isStopped = false, isHeld = false;

away?.addEventListener("submit", (event) => {
  event.preventDefault();
  isLeaving = true;
  document.body.hidden = true;
  fetch(away.action, { method: "POST", keepalive: true }).catch(() => {});
  location.replace(away.dataset.away);
});

function say(what) {
  form.querySelector(".status").textContent = form.dataset[what];
}

// A long list is searched.
function find(select) {
  const all = [...select.options];
  if (all.length < 12) return;
  let field = select.previousElementSibling;
  if (!("ours" in field.dataset)) {
    field = document.createElement("input");
    field.type = "text";
    field.dataset.ours = "";
    field.placeholder = field.ariaLabel = select.dataset.find;
    field.onkeydown = (event) => event.key !== "Enter";
    select.before(field);
  }
  select.all = all;
  field.oninput = () => offer(select, all.filter((one) =>
    !one.value || one.selected || one.text.toLowerCase().includes(field.value.trim().toLowerCase())));
  field.oninput();
}

function offer(select, options) {
  const { value } = select; // an option that was out of the list must not come back as chosen
  select.replaceChildren(...options);
  select.value = value;
}

// Make `old` what `fresh` is. Elements in both stay, and so do focus and typing.
function morph(old, fresh) {
  if (old.all) offer(old, old.all);
  const isTheirs = used.has(old.name || old.parentNode.name);
  const isFixed = (name) => name === "open" || (isTheirs && ["checked", "selected"].includes(name));
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isFixed(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !isFixed(name)) old.setAttribute(name, value);
  }
  const wanted = [...fresh.childNodes], keys = new Set(wanted.map(key));
  const rest = [...old.childNodes].filter((node) => !(node.dataset && "ours" in node.dataset) &&
    (!key(node) || keys.has(key(node)) || node.remove()));
  for (const node of wanted) {
    const n = rest.findIndex((one) => key(one) === key(node) && one.nodeName === node.nodeName);
    if (n) old.insertBefore(n < 0 ? node : rest[n], rest[0] || null);
    const [same] = n < 0 ? [] : rest.splice(n, 1);
    if (same?.nodeType === 1) morph(same, node);
    else if (same && same.data !== node.data) same.data = node.data;
  }
  rest.forEach((node) => node.remove());
}

function key(node) {
  return node.dataset?.key || node.id || "";
}

// What is there now, to tell what an answer brought up.
function offers() {
  return new Set([...box.querySelectorAll("[name]:not(button), option, .note")].map((one) =>
    `${one.name || one.closest("select")?.name || one.id}=${/radio|box/.test(one.type) || !one.name ? one.value : ""}`));
}

function show(html) {
  const before = offers(), fresh = box.cloneNode(false);
  fresh.innerHTML = html;
  morph(box, fresh);
  box.querySelectorAll("select[data-find]").forEach(find);
  const data = new FormData(form);
  const added = [...offers()].filter((one) => !before.has(one)).map((one) => one.slice(0, one.lastIndexOf("=")));
  const name = added.find((one) => !data.getAll(one).some(Boolean));
  if (name) news = box.querySelector(`[name="${CSS.escape(name)}"], #${CSS.escape(name)}`);
  return name && news.name ? "more" : "saved";
}

async function attempts() {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30000)) {
    const upTo = edits, data = new FormData(form);
    data.set("-move", form.querySelector(".problems") && !form.matches(".gentle") ? "check" : "stay");
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(data), headers: { "X-Part": "questions" },
        keepalive: document.hidden, signal: AbortSignal.timeout?.(20000),
      });
      isStopped = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
      if (isStopped) return say("stopped");
      if (answer.ok) {
        const what = show(await answer.text());
        saved = upTo;
        if (saved === edits) return say(what);
        continue;
      }
    } catch { /* offline, or no answer in time */ }
    say("offline");
    await new Promise((go) => { setTimeout(go, wait); addEventListener("online", go, { once: true }); });
  }
}

function save() {
  clearTimeout(timer);
  return (sending ||= attempts().finally(() => { sending = null; }));
}

function edited(event) {
  if (!event.target.name || isStopped) return;
  used.add(event.target.name);
  edits += 1;
  clearTimeout(timer);
  timer = setTimeout(save, event.type === "change" ? 0 : 1500);
}

async function submitted(event) {
  isLeaving = isStopped || (saved === edits && !sending && navigator.onLine);
  if (isLeaving) return;
  event.preventDefault();
  if (isHeld) return;
  isHeld = true;
  news = null;
  await save();
  isHeld = false;
  if (!news || isStopped || event.submitter.value !== "next") return event.submitter.click();
  if (news.name) say("more");
  news.focus();
}

if (form) {
  box.addEventListener("input", edited);
  box.addEventListener("change", edited);
  box.querySelectorAll("select[data-find]").forEach(find);
  form.addEventListener("submit", submitted);
  addEventListener("pageshow", () => { isLeaving = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden && edits !== saved) save(); });
  addEventListener("beforeunload", (event) => { if (edits !== saved && !isLeaving) event.preventDefault(); });
}
