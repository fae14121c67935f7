// A tile is dragged to another day of the month, or to another quarter of an hour of the week. What
// the page can know is said while hovering; the server decides, and its answer comes by move.js.
const part = document.getElementById("calendar-part");
const hint = Object.assign(document.createElement("p"), { className: "drop-hint" });
const SLOT_MIN = 15;
// In English the day comes before the month, as the server writes it.
const LOCALE = document.documentElement.lang.replace(/^en$/, "en-GB");
let dragged = null;

function wallNow() {
  const style = { dateStyle: "short", timeStyle: "short", timeZone: part.dataset.zone };
  return new Intl.DateTimeFormat("sv-SE", style).format(new Date());
}

function slotAt(column, y) {
  const slots = column.closest("[data-axis]").dataset.axis.split(",");
  const box = column.getBoundingClientRect();
  const place = Math.floor(((y - box.top) / box.height) * slots.length);
  const number = Math.min(Math.max(place, 0), slots.length - 1);
  // "02:30+" is the second 02:30 of a day on which the clocks go back.
  const clock = slots[number].replace("+", "");
  const isDoubled = slots.indexOf(clock) !== slots.lastIndexOf(clock) || slots.includes(`${clock}+`);
  const fold = slots[number].endsWith("+") ? "second" : "first";
  return { clock, fold: isDoubled ? fold : "", top: (number / slots.length) * box.height };
}

function targetOf(event) {
  const cell = event.target.closest?.("[data-date]");
  if (!cell) return null;
  const date = cell.dataset.date;
  if (cell.matches(".week-day")) return { cell, date, ...slotAt(cell, event.clientY) };
  return { cell, date, clock: dragged.clock, fold: "" };
}

function whyNot(target) {
  const clock = target.clock || "23:59";
  if (`${target.date} ${clock}` < wallNow()) return gettext("in the past");
  const full = (target.cell.dataset.full ?? "").split(" ");
  const isElsewhere = target.date !== dragged.date;
  if (dragged.isScheduled && isElsewhere && full.includes(dragged.account)) return gettext("the 24 hours are full");
  return "";
}

function show(target) {
  const day = new Date(`${target.date}T12:00:00Z`);
  const words = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const when = `${words.format(day).replace(",", "")}${target.clock ? `, ${target.clock}` : ""}`;
  const reason = whyNot(target);
  hint.textContent = reason ? fill(gettext("{when}: {reason}"), { when, reason }) : when;
  hint.classList.toggle("is-refused", Boolean(reason));
  hint.style.top = target.top === undefined ? "" : `${target.top}px`;
  if (hint.parentElement !== target.cell) target.cell.append(hint);
}

function values(target) {
  return { due_date: target.date, due_time: target.clock, due_fold: target.fold };
}

function stop() {
  hint.remove();
  dragged?.tile.classList.remove("is-dragged");
  dragged = null;
  part.removeAttribute("data-live-waits");
}

part.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.(".tile");
  if (!tile?.matches(".moves")) {
    event.preventDefault();
    return;
  }
  const cell = tile.closest("[data-date]");
  dragged = {
    tile,
    post: tile.id.replace("tile-", ""),
    account: tile.dataset.account,
    isScheduled: tile.matches(".state-scheduled"),
    clock: tile.querySelector("time")?.textContent ?? "",
    date: cell?.dataset.date ?? "",
  };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", tile.href);
  tile.classList.add("is-dragged");
  part.setAttribute("data-live-waits", "");
});

part.addEventListener("dragover", (event) => {
  const target = dragged && targetOf(event);
  if (!target) return;
  event.preventDefault();
  show(target);
});

part.addEventListener("drop", (event) => {
  const target = dragged && targetOf(event);
  if (!target) return;
  event.preventDefault();
  const { post, date, clock } = dragged;
  stop();
  if (target.date === date && target.clock === clock) return;
  const detail = { post, values: values(target) };
  document.dispatchEvent(new CustomEvent("move:wanted", { detail }));
});

part.addEventListener("dragend", stop);
document.addEventListener("dragover", (event) => {
  if (dragged && !event.target.closest?.("[data-date]")) hint.remove();
});

// Two clicks on an empty place plan a post there.
part.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("[data-date]");
  if (!cell || event.target.closest("a, button, .cap") || cell.matches(".is-past")) return;
  const slot = cell.matches(".week-day") ? slotAt(cell, event.clientY) : null;
  const time = slot ? `&time=${encodeURIComponent(slot.clock)}` : "";
  location.assign(`${part.dataset.plan}${cell.dataset.date}${time}`);
});
