// One message of a chat as an element. What is tapped says so by data-do, which
// the phone hears for all of its elements: those here may be patched in place.

const el = (tag, attributes = {}, ...children) => {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, f] of Object.entries(value)) e.addEventListener(event, f);
    else if (value !== undefined && value !== false) e.setAttribute(name, value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
};

// bubble draws message m of a phone. The html of a message is made safe by the
// stand-ins: only the provider's own marks, everything else escaped.
export function bubble(phone, m) {
  if (m.deleted) return null;
  const mine = m.from === "user";
  const row = el("div", { class: "row " + (mine ? "mine" : m.from), "data-id": m.id, "data-status": m.status });
  const box = el("div", { class: "bubble " + m.kind });
  if (m.reply_to) box.append(quote(phone, m.reply_to));
  box.append(...content(phone, m));
  box.append(meta(phone, m, mine));
  if (m.list) {
    box.append(el("button", { class: "open-list", type: "button", "data-do": "openList" }, "☰ " + m.list.button));
  }
  row.append(box);
  if (m.buttons) row.append(keys(phone, m));
  row.append(actions(phone, m, mine));
  return row;
}

function content(phone, m) {
  const parts = [];
  const media = m.media || [];
  const words = phone.words;
  if (m.kind === "voice") {
    parts.push(el("div", { class: "voice-note" }, el("span", { class: "play", "aria-hidden": "true" }, "▶"), el("span", { class: "wave", "aria-hidden": "true" }), el("span", {}, words.voice)));
  } else if (m.kind === "location") {
    const place = `${m.latitude.toFixed(4)}, ${m.longitude.toFixed(4)}`;
    parts.push(el("div", { class: "map" }, el("span", { "aria-hidden": "true" }, "📍"), el("span", { dir: "ltr" }, place)));
  } else if (m.kind === "contact") {
    parts.push(el("div", { class: "card" }, el("span", { class: "avatar", "aria-hidden": "true" }, "👤"), el("span", {}, el("strong", {}, phone.owner.name), el("small", { dir: "ltr" }, m.text))));
    return parts;
  } else {
    for (const path of media) {
      if (m.kind === "document") {
        parts.push(el("a", { href: path, target: "_blank", rel: "noopener", class: "document" }, "📄 " + words.document));
        continue;
      }
      const open = el("a", { href: path, target: "_blank", rel: "noopener" });
      open.append(el("img", { src: path, alt: m.text || words.photo, loading: "lazy", on: { load: () => phone.stick() } }));
      parts.push(open);
    }
  }
  if (m.text) {
    const text = el("div", { class: "text", dir: "auto" });
    text.innerHTML = m.html;
    parts.push(text);
  }
  return parts;
}

function quote(phone, id) {
  const quoted = phone.message(id);
  const text = quoted ? quoted.text || phone.words[quoted.kind] || "…" : "…";
  return el("button", { class: "quote", type: "button", "data-do": "jumpTo", "data-to": id },
    el("strong", {}, quoted && quoted.from === "user" ? phone.owner.name : "Souk"), el("span", { dir: "auto" }, text.slice(0, 120)));
}

function meta(phone, m, mine) {
  const line = el("span", { class: "meta" });
  if (m.segments && phone.channel === "sms") line.append(el("span", { class: "segments", title: m.encoding }, `${m.segments} SMS`));
  if (m.edited) line.append(el("span", {}, phone.words.edited));
  line.append(el("time", { datetime: m.at }, new Date(m.at).toLocaleTimeString("fr-MA", { hour: "2-digit", minute: "2-digit" })));
  if (mine) line.append(ticks(phone, m));
  else if (m.error_code) line.append(el("span", { class: "bad" }, `⚠ ${m.error_code}`));
  return line;
}

// ticks: sent as soon as it left the phone, delivered once Souk's webhook took
// it, read once Souk has answered.
function ticks(phone, m) {
  if (m.status === "lost" || m.status === "refused") return el("span", { class: "tick bad", title: m.status, role: "img", "aria-label": m.status }, "⚠");
  let state = "sent";
  if (m.status === "delivered") state = phone.answeredAfter(m) ? "read" : "delivered";
  return el("span", { class: "tick " + state, role: "img", "aria-label": phone.words[state], title: phone.words[state] }, state === "sent" ? "✓" : "✓✓");
}

function keys(phone, m) {
  const box = el("div", { class: "keys" });
  for (const row of m.buttons) {
    const line = el("div", { class: "keys-row" });
    for (const b of row) {
      if (b.url) line.append(el("a", { href: b.url, target: "_blank", rel: "noopener", dir: "auto" }, b.label + " ↗"));
      else line.append(el("button", { type: "button", dir: "auto", "data-do": "tap", "data-tap": b.data || b.label }, b.label));
    }
    box.append(line);
  }
  return box;
}

function actions(phone, m, mine) {
  const box = el("div", { class: "actions" });
  if (phone.channel !== "sms") box.append(el("button", { type: "button", class: "icon", "aria-label": phone.words.reply, title: phone.words.reply, "data-do": "quoteMessage" }, "↩"));
  if (mine && phone.channel === "telegram" && m.kind === "text") box.append(el("button", { type: "button", class: "icon", "aria-label": phone.words.edit, title: phone.words.edit, "data-do": "editMessage" }, "✎"));
  return box;
}

// sheetItem is one choice of a list picker.
export function sheetItem(item, pick) {
  const b = el("button", { type: "button", dir: "auto", on: { click: pick } }, el("strong", {}, item.title));
  if (item.description) b.append(el("small", {}, item.description));
  return b;
}

// patch makes old look like fresh and keeps the elements that are there: one
// that is pressed, focused or half loaded stays itself. A button that would do
// something else is another button.
export function patch(old, fresh) {
  if (!same(old, fresh)) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  patchAll(old, [...fresh.childNodes]);
}

// patchAll does so for all that box holds.
export function patchAll(box, fresh) {
  const kept = [...box.childNodes];
  fresh.forEach((child, i) => { if (kept[i]) patch(kept[i], child); else box.append(child); });
  kept.slice(fresh.length).forEach((child) => child.remove());
}

function same(a, b) {
  if (a.nodeName !== b.nodeName) return false;
  return a.nodeType !== Node.ELEMENT_NODE || ["data-id", "data-do", "data-to", "data-tap", "src"].every((name) => a.getAttribute(name) === b.getAttribute(name));
}

export { el };
