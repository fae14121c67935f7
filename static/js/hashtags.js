// Hashtags for the caption: groups and earlier hashtags go in at the caret with one press, and while
// a hashtag is typed, those that match are offered. Nothing is put in without that press.
const field = document.querySelector("[data-caption]");
const chips = document.querySelector("[data-hashtag-chips]");
const list = document.querySelector("[data-hashtag-suggestions]");
const groups = document.querySelector("[data-hashtag-groups]");
const announcer = document.querySelector("[data-caption-status]");
const used = field?.dataset.usedHashtags.split(" ").filter(Boolean) ?? [];

const SHOWN = 8;
const LINE_KEYS = ["ArrowUp", "ArrowDown", "PageUp", "PageDown"];

let offered = [];
let active = -1;
// Where the hashtag begins whose suggestions are put away, until something is typed.
let putAwayAt = null;
let movesByLine = false;
let isTouched = false;

const isDelimiter = (character) => character === undefined || character === " " || character === "\n";
const same = (one, other) => one.toLowerCase() === other.toLowerCase();

function wordAt(caret) {
  const text = field.value;
  let [start, end] = [caret, caret];
  while (start > 0 && !isDelimiter(text[start - 1])) start -= 1;
  while (!isDelimiter(text[end])) end += 1;
  return { start, end, text: text.slice(start, end) };
}

function hashtagAtCaret() {
  const caret = field.selectionStart;
  if (document.activeElement !== field || caret !== field.selectionEnd) return null;
  const word = wordAt(caret);
  return word.text.startsWith("#") && caret > word.start ? word : null;
}

const others = (word) => field.value.slice(0, word.start) + field.value.slice(word.end);
const stands = (hashtag, text) => text.split(/[ \n]/).some((one) => same(one, hashtag));
const missing = (button) => button.dataset.inserts.split(" ").filter((one) => !stands(one, field.value));

function matching(word) {
  const typed = word.text.toLowerCase();
  const fits = used.filter((one) => !same(one, typed) && !stands(one, others(word)));
  const first = fits.filter((one) => one.toLowerCase().startsWith(typed));
  // One letter stands in nearly every hashtag.
  const isLong = typed.length > 2;
  const inside = fits.filter((one) => isLong && !first.includes(one) && one.toLowerCase().includes(typed.slice(1)));
  return [...first, ...inside].slice(0, SHOWN);
}

function look() {
  const word = hashtagAtCaret();
  if (movesByLine && word && list.hidden) putAwayAt = word.start;
  if (word?.start !== putAwayAt) putAwayAt = null;
  offer(word && putAwayAt === null ? matching(word) : []);
  for (const button of document.querySelectorAll("[data-inserts]"))
    button.disabled = missing(button).length === 0;
}

function offer(found) {
  if (found.join(" ") === offered.join(" ")) return;
  offered = found;
  active = -1;
  list.replaceChildren(...found.map(option));
  list.hidden = found.length === 0;
  chips.hidden = found.length > 0;
  list.scrollLeft = 0;
  field.removeAttribute("aria-activedescendant");
  const count = found.length;
  const words = ngettext(
    "{count} hashtag matches. Arrow down chooses.",
    "{count} hashtags match. Arrow down chooses.",
    count,
  );
  announcer.textContent = count ? fill(words, { count }) : "";
}

function option(hashtag, index) {
  const item = document.createElement("li");
  item.className = "caption-chip";
  item.id = `hashtag-suggestion-${index}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.textContent = hashtag;
  return item;
}

function choose(index) {
  // Past the last one the choice is free again.
  active = index < offered.length ? index : -1;
  for (const [n, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(n === active));
  const item = list.children[active];
  item?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (item) field.setAttribute("aria-activedescendant", item.id);
  else field.removeAttribute("aria-activedescendant");
}

// As if it were typed: only insertText keeps Ctrl-Z working.
function write(text, start, end) {
  field.focus();
  field.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  putAwayAt = hashtagAtCaret()?.start ?? null;
  look();
}

function take(index) {
  const word = hashtagAtCaret();
  if (!word) return;
  const isLast = word.end === field.value.length;
  write(isLast ? `${offered[index]} ` : offered[index], word.start, word.end);
}

function insert(hashtags) {
  const text = field.value;
  let place = isTouched ? field.selectionEnd : text.length;
  // Never into a word.
  if (!isDelimiter(text[place - 1])) place = wordAt(place).end;
  const before = isDelimiter(text[place - 1]) ? "" : " ";
  const after = isDelimiter(text[place]) ? "" : " ";
  write(before + hashtags.join(" ") + after, place, place);
}

function press(event) {
  movesByLine = false;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!list.hidden && event.key === "ArrowDown") choose(active + 1);
  else if (active >= 0 && event.key === "ArrowUp") choose(active - 1);
  else if (active >= 0 && ["Enter", "Tab"].includes(event.key)) take(active);
  else if (!list.hidden && event.key === "Escape") {
    putAwayAt = hashtagAtCaret()?.start ?? null;
    look();
  } else {
    movesByLine = LINE_KEYS.includes(event.key);
    return;
  }
  event.preventDefault();
}

function closeGroups() {
  const hadFocus = groups.contains(document.activeElement);
  groups.open = false;
  if (hadFocus) groups.querySelector("summary").focus();
}

if (field) {
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.addEventListener("keydown", press);
  field.addEventListener("input", () => {
    putAwayAt = null;
    movesByLine = false;
    look();
  });
  field.addEventListener("focus", () => {
    isTouched = true;
    look();
  });
  field.addEventListener("blur", look);
  document.addEventListener("selectionchange", () => {
    if (document.activeElement === field) look();
  });
  // The field keeps the focus, and a phone its keyboard, while a suggestion is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const index = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (index >= 0) take(index);
  });
  for (const place of [chips, groups])
    place.addEventListener("click", (event) => {
      const button = event.target.closest("[data-inserts]");
      // After the first press another one lies there: a double click means one.
      if (!button || event.detail > 1) return;
      groups.open = false;
      insert(missing(button));
    });
  // Groups may have been added in the other tab.
  groups.addEventListener("toggle", () => groups.open && groups.dispatchEvent(new CustomEvent("refresh")));
  groups.addEventListener("htmx:afterSettle", look);
  groups.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && groups.open) closeGroups();
  });
  document.addEventListener("click", (event) => {
    if (groups.open && !groups.contains(event.target)) groups.open = false;
  });
  groups.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !groups.contains(event.relatedTarget)) groups.open = false;
  });
  look();
}
