// The phones, their tabs on a narrow screen, and one stream of events.
import { Phone } from "./phone.js";

const words = JSON.parse(document.getElementById("words").textContent);
const phones = [...document.querySelectorAll(".phone")].map((root) => new Phone(root, words, listen));
let source = null;

// listen opens the stream for the phones as they are now. Whatever was missed
// while there was none is read again by each phone at hello.
function listen() {
  if (source) source.close();
  if (phones.some((p) => !p.key)) return;
  const query = phones.map((p) => "phone=" + encodeURIComponent(p.key)).join("&");
  source = new EventSource("/simulator/events?" + query);
  source.addEventListener("hello", () => phones.forEach((p) => p.reload()));
  for (const kind of ["message", "typing", "toast", "keyboard", "resync"]) {
    source.addEventListener(kind, (e) => {
      const event = JSON.parse(e.data);
      for (const p of phones) if (p.key === event.phone) p.on(event);
    });
  }
}

await Promise.all(phones.map((p) => p.open()));
listen();

// Tabs: shown on narrow screens, where one phone fills the page and a swipe
// leads to the next.
const tabs = [...document.querySelectorAll("[data-tab]")];
const strip = document.getElementById("phones");
function show(phone, focus) {
  const root = document.getElementById("phone-" + phone);
  root.scrollIntoView({ block: "nearest", inline: "start" });
  mark(phone);
  if (focus) root.querySelector("textarea").focus({ preventScroll: true });
}
function mark(phone) {
  for (const t of tabs) t.setAttribute("aria-selected", String(t.dataset.tab === phone));
}
for (const t of tabs) {
  t.addEventListener("click", (e) => {
    e.preventDefault();
    show(t.dataset.tab, true);
  });
}
const watch = new IntersectionObserver((entries) => {
  for (const e of entries) if (e.isIntersecting) mark(e.target.dataset.phone);
}, { root: strip, threshold: 0.6 });
for (const p of phones) watch.observe(p.root);
mark("telegram");

function clock() {
  const now = new Date().toLocaleTimeString("fr-MA", { hour: "2-digit", minute: "2-digit" });
  for (const t of document.querySelectorAll(".status time")) t.textContent = now;
}
clock();
setInterval(clock, 10_000);
document.documentElement.dataset.ready = "true";
