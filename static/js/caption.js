// The caption editor: counts as TikTok does, in UTF-16 code units (what JavaScript's length counts),
// marks hashtags, mentions and the feed's end behind the text, and shows both in the preview. It
// never changes the text.
const field = document.querySelector("[data-caption]");
const form = field?.closest("form");
const fields = [document.querySelector("[data-title]"), field];
const marks = document.querySelector("[data-caption-marks] > div");
const announcer = document.querySelector("[data-caption-status]");
const shownTitle = document.getElementById("phone-title");
const shownCaption = document.getElementById("phone-caption");

// As TAG and feed_part in tiktok/captions.py.
const TAG = /(?<![^ \n])([#@][^ \n]+)/;
const trimmed = (text) => text.replace(/[ \n]+$/, "");

function feedEnd(text) {
  const units = Number(field.dataset.feedUtf16);
  const lines = text.split("\n", Number(field.dataset.feedLines)).join("\n");
  let end = Math.min(lines.length, units);
  const isHalfEmoji = end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? "");
  if (isHalfEmoji) end -= 1;
  if (end < text.length && !/[ \n]/.test(text[end])) {
    const part = text.slice(0, end);
    const space = Math.max(part.lastIndexOf(" "), part.lastIndexOf("\n"));
    if (space >= units / 2) end = space;
  }
  const part = trimmed(text.slice(0, end));
  return part === trimmed(text) ? text.length : part.length;
}

function make(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// Split at a group: every second part is a hashtag or a mention.
const marked = (text) => text.split(TAG).map((part, index) => (index % 2 ? make("b", "", part) : part));

function mark(text, end) {
  const rest = text.slice(end);
  marks.replaceChildren(...marked(text.slice(0, end)));
  if (rest) marks.append(make("i", "caption-cut"), make("span", "caption-rest", ...marked(rest)));
  // A line break at the end opens a line only when something stands on it.
  marks.append("\u200b");
}

function show(text, end) {
  const whole = make("p", "", ...marked(text));
  if (end === text.length) {
    shownCaption.replaceChildren(...(text ? [whole] : []));
    return;
  }
  const start = make("span", "phone-start", ...marked(text.slice(0, end)), "… ");
  const [more, less] = [make("span", "phone-more", gettext("more")), make("span", "phone-less", gettext("less"))];
  const summary = make("summary", "", start, more, less);
  const details = make("details", "", summary, whole);
  details.open = Boolean(shownCaption.querySelector("details[open]"));
  shownCaption.replaceChildren(details);
}

function limitOf(one) {
  const isPhoto = form.dataset.kind === "photo";
  return Number((isPhoto ? one.dataset.maxUtf16Photo : one.dataset.maxUtf16Video) ?? Infinity);
}

function count(one) {
  const counter = form.querySelector(`[data-counts="${one.id}"]`);
  const tooMany = Math.max(0, one.value.length - limitOf(one));
  const words = tooMany ? fill(gettext("{count} too many"), { count: tooMany }) : "";
  if (tooMany && !one.hasAttribute("data-caption-is-over")) announcer.textContent = `${words}.`;
  counter.querySelector("[data-title-count], [data-caption-count]").textContent = one.value.length;
  counter.querySelector("[data-too-many]").textContent = words && `: ${words}`;
  counter.classList.toggle("is-over", tooMany > 0);
  one.toggleAttribute("data-caption-is-over", tooMany > 0);
}

function follow() {
  marks.style.translate = `0 ${-field.scrollTop}px`;
}

function look() {
  const end = feedEnd(field.value);
  fields.forEach(count);
  mark(field.value, end);
  show(field.value, end);
  shownTitle.textContent = form.dataset.kind === "photo" ? fields[0].value : "";
}

if (field) {
  for (const one of fields) one.addEventListener("input", look);
  field.addEventListener("scroll", follow);
  // Captured, so that compose.js, which listens to the same event, finds the limits applied.
  form.addEventListener("compose:look", look, { capture: true });
  look();
  // compose.js has looked before this module counted for the first time.
  if (form.querySelector("[data-caption-is-over]")) form.dispatchEvent(new CustomEvent("compose:look"));
}
