// While "@" and a name are typed, the people who may be meant are offered below the field, which
// keeps the focus. Nothing is put in without a press.
const SHOWN = 6;
const place = document.querySelector("[data-mentions]");
const field = place?.querySelector("textarea");
const list = place?.querySelector("[data-mention-list]");
const status = place?.querySelector("[data-mention-status]");
const people = JSON.parse(place?.dataset.people || "[]");

let offered = [];
let active = -1;
// Where the @ stands whose suggestions are put away, until something is typed.
let putAwayAt = null;

// What stands between an @ and the caret, names with spaces included.
function callAtCaret() {
  const caret = field.selectionStart;
  if (document.activeElement !== field || caret !== field.selectionEnd) return null;
  const start = field.value.lastIndexOf("@", caret - 1);
  if (start < 0 || /[\p{L}\p{N}_.@]/u.test(field.value[start - 1] ?? "")) return null;
  const text = field.value.slice(start + 1, caret);
  return /[\n@]/.test(text) ? null : { start, end: caret, text };
}

function matching(call) {
  const typed = call.text.toLowerCase();
  const begins = (text) => text.toLowerCase().startsWith(typed);
  const isTaken = people.some((one) => `${one.handle} `.toLowerCase() === typed);
  if (isTaken) return [];
  return people
    .filter((one) => begins(one.handle) || begins(one.name) || one.name.split(" ").some(begins))
    .slice(0, SHOWN);
}

function look() {
  const call = callAtCaret();
  if (call?.start !== putAwayAt) putAwayAt = null;
  offer(call && putAwayAt === null ? matching(call) : []);
}

function offer(found) {
  const isSame = found.length === offered.length && found.every((one, n) => one === offered[n]);
  if (isSame) return;
  offered = found;
  list.replaceChildren(...found.map(option));
  list.hidden = found.length === 0;
  const count = found.length;
  const words = ngettext(
    "{count} person to mention. Arrow down chooses.",
    "{count} people to mention. Arrow down chooses.",
    count,
  );
  status.textContent = count ? fill(words, { count }) : "";
  choose(-1);
}

function option(person, index) {
  const item = document.createElement("li");
  item.id = `mention-${index}`;
  item.setAttribute("role", "option");
  const isOther = person.handle.toLowerCase() !== person.name.toLowerCase();
  item.textContent = isOther ? `${person.name} (@${person.handle})` : person.name;
  return item;
}

function choose(index) {
  active = index < offered.length ? index : -1;
  for (const [n, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(n === active));
  const item = list.children[active];
  if (item) field.setAttribute("aria-activedescendant", item.id);
  else field.removeAttribute("aria-activedescendant");
}

// As if it were typed: only insertText keeps Ctrl-Z working.
function take(index) {
  const call = callAtCaret();
  if (!call) return;
  const text = `@${offered[index].handle} `;
  field.focus();
  field.setSelectionRange(call.start, call.end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, call.start, call.end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  look();
}

function press(event) {
  if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key === "ArrowDown") choose(active + 1);
  else if (event.key === "ArrowUp" && active >= 0) choose(active - 1);
  else if (active >= 0 && ["Enter", "Tab"].includes(event.key)) take(active);
  else if (event.key === "Escape") {
    putAwayAt = callAtCaret()?.start ?? null;
    look();
  } else return;
  event.preventDefault();
}

if (field && people.length) {
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.addEventListener("keydown", press);
  field.addEventListener("input", () => {
    putAwayAt = null;
    look();
  });
  // A button is pressed only if it has not moved by the end of the press: the list goes after that.
  let isPressed = false;
  addEventListener("pointerdown", () => (isPressed = true), { capture: true });
  for (const end of ["pointerup", "pointercancel"])
    addEventListener(end, () => {
      isPressed = false;
      setTimeout(look);
    });
  field.addEventListener("blur", () => isPressed || look());
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
}
