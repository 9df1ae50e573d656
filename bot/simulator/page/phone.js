// One phone: its owner, its chat, its composer. Every act goes to the stand-in,
// which sends it through the provider's own webhook.
import { bubble, el, patch, patchAll, sheetItem } from "./bubble.js";
import { segments } from "./segments.js";

async function api(path, body) {
  const response = await fetch("/simulator/api/" + path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export class Phone {
  constructor(root, words, changed) {
    this.root = root;
    this.allWords = words;
    this.changed = changed;
    this.channel = root.dataset.channel;
    this.name = root.dataset.phone; // the channel's, but for the cooperative's
    this.key = "";
    this.messages = [];
    this.quoted = this.edited = null;
    this.chat = root.querySelector(".chat");
    this.form = root.querySelector(".composer");
    this.input = this.form.elements.text;
    this.ownerForm = root.querySelector(".owner");
    this.state = root.querySelector("[data-state]");
    this.empty = root.querySelector(".empty");
    this.restore();
    this.bind();
  }

  get words() { return this.allWords[this.owner ? this.owner.language : "fr"] || this.allWords.fr; }

  // The owner as last typed on this browser, unless the page's address names one.
  restore() {
    if (new URLSearchParams(location.search).has("as")) return;
    const kept = JSON.parse(localStorage.getItem("souk-phone-" + this.name + "-" + document.documentElement.lang) || "null");
    if (!kept) return;
    for (const name of ["name", "number", "language"]) this.ownerForm.elements[name].value = kept[name];
  }

  bind() {
    this.ownerForm.addEventListener("change", () => this.changeOwner());
    this.ownerForm.addEventListener("submit", (e) => e.preventDefault());
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.input.addEventListener("input", () => this.typed());
    // A line break sends, on soft keyboards too, which tell no keys; Shift makes it one.
    this.input.addEventListener("keydown", (e) => {
      this.shift = e.shiftKey;
      if (e.key === "Escape") this.unquote();
    });
    this.input.addEventListener("beforeinput", (e) => {
      if (e.inputType !== "insertLineBreak" || this.shift || e.isComposing) return;
      e.preventDefault();
      this.submit();
    });
    this.root.addEventListener("keydown", (e) => { if (e.key === "Escape") { this.closeSheet(); this.closeMenu(); this.recording(null); } });
    this.root.addEventListener("click", (e) => {
      const b = e.target.closest("[data-do]");
      if (b) this[b.dataset.do](b);
      else if (!e.target.closest(".menu")) this.closeMenu();
      if (this.chat.contains(e.target)) this.follow(e);
      const digit = e.target.closest("[data-key]");
      if (digit) { this.input.value += digit.dataset.key; this.typed(); }
    });
    this.root.addEventListener("pointerdown", () => { clearTimeout(this.releasing); this.held ||= []; });
    // A finger's click comes after it has been lifted, a mouse's with it.
    addEventListener("pointerup", (e) => this.release(e.pointerType === "mouse" ? 0 : 350));
    addEventListener("click", () => this.release(0));
    for (const kind of ["pointercancel", "blur"]) addEventListener(kind, () => this.release(0));
    this.root.querySelector("input[type=file]").addEventListener("change", (e) => this.sendFile(e.target));
    this.typed();
  }

  async open() {
    const f = this.ownerForm.elements;
    this.owner = { name: f.name.value.trim(), number: f.number.value.replace(/[\s.-]/g, ""), language: f.language.value };
    const view = await api("phones", { channel: this.channel, ...this.owner });
    this.key = view.key;
    this.show(view);
    const rtl = this.owner.language === "ar";
    this.root.dir = rtl ? "rtl" : "ltr";
    this.root.lang = this.owner.language;
    this.relabel();
  }

  async changeOwner() {
    if (!this.ownerForm.reportValidity()) return;
    await this.attempt(() => this.open());
    localStorage.setItem("souk-phone-" + this.name + "-" + document.documentElement.lang, JSON.stringify(this.owner));
    this.changed();
  }

  // relabel puts the phone's own language on what it says itself.
  relabel() {
    const w = this.words;
    this.input.placeholder = w.write;
    this.empty.textContent = w["empty_" + this.name];
    this.state.dataset.idle = w["subtitle_" + this.channel];
    this.state.textContent = this.state.dataset.idle;
    for (const b of this.root.querySelectorAll("[role=menuitem]")) {
      const word = { pickPhoto: "photo", block: this.blocked ? "unblock" : "block" }[b.dataset.do] || b.dataset.do;
      if (w[word]) b.textContent = b.textContent.trim().split(" ")[0] + " " + w[word];
    }
    const start = this.root.querySelector(".start");
    if (start) start.textContent = w.start;
    const [send, erase] = this.root.querySelectorAll(".softkeys button");
    if (send) [send.textContent, erase.textContent] = [w.send, w.erase];
    const [name, number, language] = this.ownerForm.querySelectorAll("label span");
    [name.textContent, number.textContent, language.textContent] = [w.name, w.number, w.language];
  }

  // What happened on the stream while the answer was under way is newer than it.
  async reload() {
    const key = this.key;
    const view = await this.attempt(() => api("phones/" + encodeURIComponent(key)));
    if (!view || key !== this.key) return;
    const known = Math.max(0, ...view.messages.map((m) => m.revision));
    for (const m of this.messages.filter((x) => x.revision > known)) {
      const at = view.messages.findIndex((x) => x.id === m.id);
      if (at >= 0) view.messages[at] = m;
      else view.messages.push(m);
    }
    this.whenFree(() => this.show(view));
  }

  show(view) {
    this.messages = view.messages;
    this.blocked = view.blocked;
    this.setKeyboard(view.keyboard);
    this.draw();
    this.bottom();
  }

  // Nothing moves under a finger: what happens while one is down is shown once it
  // is up. A click on what was moved or replaced meanwhile would be lost.
  whenFree(show) {
    if (!this.held) return show();
    this.held.push(show);
    this.root.dataset.held = this.held.length;
  }

  release(after) {
    if (!this.held) return;
    clearTimeout(this.releasing);
    this.releasing = setTimeout(() => {
      const held = this.held || [];
      this.held = null;
      delete this.root.dataset.held;
      for (const show of held) show();
    }, after);
  }

  on(event) { this.whenFree(() => this.happen(event)); }

  happen(event) {
    if (event.kind === "resync") return this.reload();
    if (event.kind === "typing") return this.showTyping();
    if (event.kind === "toast") return this.toast(event.text);
    if (event.kind === "keyboard") return this.setKeyboard(event.keyboard);
    this.update(event.message);
  }

  update(m) {
    const stick = this.atBottom();
    const at = this.messages.findIndex((x) => x.id === m.id);
    if (at >= 0 && this.messages[at].revision > m.revision) return;
    if (at >= 0) this.messages[at] = m;
    else this.messages.push(m);
    if (m.from === "souk") { this.hideTyping(); this.freeKeys(); }
    const old = this.rowOf(m.id);
    const fresh = bubble(this, m);
    if (old && fresh) patch(old, fresh);
    else if (old) old.remove();
    else if (fresh) this.chat.append(fresh);
    this.begun();
    if (at < 0 && m.from === "souk") this.retick();
    if (stick || m.from === "user") this.bottom();
  }

  draw() {
    const rows = this.messages.map((m) => bubble(this, m)).filter(Boolean);
    const ids = new Set(rows.map((row) => row.dataset.id));
    for (const row of [...this.chat.querySelectorAll(".row")]) if (!ids.has(row.dataset.id)) row.remove();
    let before = this.empty;
    for (const fresh of rows) {
      const old = this.rowOf(fresh.dataset.id);
      if (old) patch(old, fresh);
      const row = this.rowOf(fresh.dataset.id) || fresh;
      if (before.nextElementSibling !== row) before.after(row);
      before = row;
    }
    this.begun();
  }

  // An empty chat invites, and on Telegram has nothing but START.
  begun() {
    this.empty.hidden = this.messages.length > 0;
    const start = this.root.querySelector(".start");
    if (start) start.hidden = this.messages.length > 0;
  }

  // An answer turns the ticks of what it answers.
  retick() {
    for (const m of this.messages) {
      const row = m.from === "user" && this.rowOf(m.id);
      if (row && row.querySelector(".tick.delivered")) patch(row, bubble(this, m));
    }
  }

  of(element) { return this.message(element.closest(".row").dataset.id); }
  rowOf(id) { return this.chat.querySelector(`[data-id="${CSS.escape(id)}"]`); }
  message(id) { return this.messages.find((m) => m.id === id); }
  answeredAfter(m) { return this.messages.slice(this.messages.indexOf(m) + 1).some((x) => x.from === "souk"); }
  atBottom() { return this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 80; }
  bottom() { this.chat.scrollTop = this.chat.scrollHeight; }
  stick() { if (this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < 400) this.bottom(); }

  jumpTo(quote) {
    const row = this.rowOf(quote.dataset.to);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.add("flash");
    setTimeout(() => row.classList.remove("flash"), 1200);
  }

  // A link that starts the bot does so; others open as links do.
  follow(e) {
    const a = e.target.closest("a");
    if (!a || this.channel !== "telegram") return;
    const u = new URL(a.href);
    if (u.hostname !== "t.me" || !u.searchParams.has("start")) return;
    e.preventDefault();
    this.act({ do: "start", text: u.searchParams.get("start") });
  }

  async attempt(f) {
    try { return await f(); } catch (err) { this.toast(err.message, true); }
  }

  act(a) { return this.attempt(() => api("acts", { phone: this.key, ...a })); }

  submit() {
    const text = this.input.value;
    if (this.started) return this.voice();
    if (!text.trim()) return;
    if (this.edited) this.act({ do: "edit", message: this.edited.id, text });
    else if (this.quoted) this.act({ do: "reply", message: this.quoted.id, text });
    else this.act({ do: "text", text });
    this.input.value = "";
    this.unquote();
    this.typed();
    this.input.focus({ preventScroll: true });
  }

  typed() {
    this.input.dir = this.input.value ? "auto" : "";
    this.root.classList.toggle("writing", this.input.value.trim() !== "");
    this.input.style.height = "auto";
    this.input.style.height = Math.min(this.input.scrollHeight, 110) + "px";
    const counter = this.root.querySelector(".counter");
    if (!counter) return;
    const s = segments(this.input.value);
    counter.textContent = `${s.total}/${s.room}` + (s.count > 1 ? ` (${s.count})` : "");
    counter.title = s.gsm ? "GSM-7" : "UCS-2";
  }

  erase() { this.input.value = [...this.input.value].slice(0, -1).join(""); this.typed(); }

  tap(button) {
    button.classList.add("waiting");
    setTimeout(() => this.freeKeys(), 5000);
    this.act({ do: "tap", message: this.of(button).id, text: button.dataset.tap });
  }

  freeKeys() { for (const b of this.root.querySelectorAll(".waiting")) b.classList.remove("waiting"); }

  menu(button) {
    const menu = this.root.querySelector(".menu");
    menu.hidden = !menu.hidden;
    button.setAttribute("aria-expanded", String(!menu.hidden));
    if (!menu.hidden) menu.querySelector("button").focus();
  }
  closeMenu() {
    const menu = this.root.querySelector(".menu");
    if (menu.contains(document.activeElement)) this.root.querySelector("[data-do=menu]").focus();
    menu.hidden = true;
    this.root.querySelector("[data-do=menu]").setAttribute("aria-expanded", "false");
  }

  pickPhoto() { this.closeMenu(); this.root.querySelector("input[type=file]").click(); }
  samplePhoto() { this.closeMenu(); this.act({ do: "photo", text: this.takeText() }); }
  location() { this.closeMenu(); this.act({ do: "location", latitude: 33.5731, longitude: -7.5898 }); }
  contact() { this.closeMenu(); this.act({ do: "contact" }); }
  start() { this.act({ do: "start" }); }
  sticker() { this.closeMenu(); this.act({ do: "sticker", text: "🍯" }); }
  stop() { this.closeMenu(); this.act({ do: "stop" }); }
  async block(button) {
    this.closeMenu();
    await this.act({ do: this.blocked ? "unblock" : "block" });
    this.blocked = !this.blocked;
    button.textContent = "🚫 " + (this.blocked ? this.words.unblock : this.words.block);
  }

  takeText() {
    const text = this.input.value;
    this.input.value = "";
    this.typed();
    return text;
  }

  // Pictures go as photos, several as an album; what the apps themselves would not
  // take for a picture goes as a file, and so does a very heavy one.
  async sendFile(input) {
    const files = [...input.files].slice(0, 10);
    input.value = "";
    if (files.some((f) => f.size > 20 << 20)) return this.toast(this.words.tooBig, true);
    const all = await Promise.all(files.map((file) => new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.readAsDataURL(file);
    })));
    const photo = (f) => /^image\/(jpeg|png|webp|gif)$/.test(f.type) && f.size <= 10 << 20;
    const text = this.takeText();
    if (files.length > 1 && files.every(photo)) return this.act({ do: "album", all, text });
    for (const [i, file] of files.entries()) {
      await this.act({ do: photo(file) ? "photo" : "document", data: all[i], type: file.type || "application/octet-stream", text: i ? "" : text });
    }
  }

  // A first press starts the voice note, a second sends it, Escape forgets it.
  voice() {
    if (!this.started) return this.recording(Date.now());
    const seconds = Math.max(1, Math.round((Date.now() - this.started) / 1000));
    this.recording(null);
    this.act({ do: "voice", seconds });
  }
  recording(since) {
    clearInterval(this.ticker);
    this.started = since;
    this.root.classList.toggle("recording", !!since);
    this.input.placeholder = this.words.write;
    if (!since) return;
    const tell = () => { this.input.placeholder = `● 0:${String(Math.round((Date.now() - since) / 1000)).padStart(2, "0")} — ${this.words.voiceHint}`; };
    tell();
    this.ticker = setInterval(tell, 500);
  }

  quoteMessage(button) { this.edited = null; this.quoting(this.quoted = this.of(button), "↩"); }
  editMessage(button) {
    this.quoted = null;
    this.quoting(this.edited = this.of(button), "✎");
    this.input.value = this.edited.text;
    this.typed();
  }
  quoting(m, sign) {
    const bar = this.root.querySelector(".quoting");
    bar.hidden = false;
    bar.querySelector("span").textContent = `${sign} ${m.text || this.words[m.kind] || "…"}`;
    this.input.focus({ preventScroll: true });
  }
  unquote() { this.quoted = this.edited = null; this.root.querySelector(".quoting").hidden = true; }

  openList(opener) {
    const m = this.of(opener);
    this.opener = opener;
    const sheet = this.root.querySelector(".sheet");
    sheet.querySelector("strong").textContent = m.list.button;
    sheet.querySelector(".sheet-items").replaceChildren(...m.list.items.map((item) => sheetItem(item, () => {
      this.closeSheet();
      this.act({ do: "tap", message: m.id, text: item.id });
    })));
    sheet.hidden = false;
    sheet.querySelector(".sheet-items button").focus();
  }
  closeSheet() {
    const sheet = this.root.querySelector(".sheet");
    if (sheet.hidden) return;
    sheet.hidden = true;
    if (this.opener) this.opener.focus();
  }

  setKeyboard(rows) {
    const box = this.root.querySelector(".keyboard");
    box.hidden = !rows || rows.length === 0;
    patchAll(box, (rows || []).map((row) => el("div", {}, ...row.map((b) => el("button",
      { type: "button", dir: "auto", "data-do": "press", "data-tap": b.label }, ({ contact: "👤 ", location: "📍 " }[b.ask] || "") + b.label)))));
  }
  press(key) { this.act({ do: "tap", text: key.dataset.tap }); }

  showTyping() {
    this.root.classList.add("typing");
    this.state.textContent = this.words.typing;
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.hideTyping(), 5000);
  }
  hideTyping() { this.root.classList.remove("typing"); this.state.textContent = this.state.dataset.idle; }

  toast(text, bad) {
    this.freeKeys();
    if (!text) return;
    const box = this.root.querySelector(".toast");
    box.textContent = text;
    box.classList.toggle("bad", !!bad);
    box.hidden = false;
    clearTimeout(this.toastEnds);
    this.toastEnds = setTimeout(() => { box.hidden = true; }, 3500);
  }
}
