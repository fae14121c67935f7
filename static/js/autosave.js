// Keeps the form as a draft a moment after each change, so that closing the tab loses nothing.
const form = document.querySelector("[data-compose]");
const place = document.querySelector("[data-saved]");
const QUIET_MS = 1200;
const AGAIN_MS = 5000;
let timer = null;
let isSaving = false;
let isChanged = false;
let isLeaving = false;
// A button pressed while a save is on its way; it waits for the answer.
let pressed = null;

function soon(wait_ms = QUIET_MS) {
  clearTimeout(timer);
  if (!isLeaving) timer = setTimeout(save, wait_ms);
}

function say(text) {
  place.replaceChildren(text);
}

// "Draft saved" is said of what stands in the form, not of what stood there before.
function forgetSaved() {
  place.querySelector("[data-saved-at]")?.remove();
}

// An opened screen with nothing on it is no draft yet.
function isWorthKeeping() {
  if (history.state?.isDraft || form.hasAttribute("data-is-draft")) return true;
  const typed = [...form.querySelectorAll("#id_caption, #id_title, #id_due_date, #id_due_time")];
  return (
    typed.some((field) => field.value.trim()) ||
    Boolean(form.querySelector('[data-media][value]:not([value=""]), [data-photo], [data-panel] :checked'))
  );
}

// Files travel by themselves, and a draft needs no button.
function content() {
  const data = new FormData(form);
  data.delete("file");
  return data;
}

async function note(answer) {
  const html = document.createElement("template");
  html.innerHTML = await answer.text();
  const warnings = html.content.querySelector("[data-warnings]");
  if (warnings) document.getElementById("warnings").replaceChildren(...warnings.childNodes);
  const seen_at = html.content.querySelector("[data-saved-at]")?.dataset.savedAt;
  if (seen_at) form.querySelector("[data-seen-at]").value = seen_at;
}

// Two versions are shown: a person chooses, and until then nothing is written over either.
const isInConflict = () => Boolean(form.querySelector("[data-conflict]"));

function showConflict(html) {
  const arrived = html.content.querySelector("[data-conflict-arrived]");
  if (!arrived) return;
  arrived.remove();
  form.querySelector("[data-conflict-place]").replaceChildren(...arrived.childNodes);
  form.dispatchEvent(new CustomEvent("compose:look"));
}

async function save() {
  if (!isWorthKeeping() || isInConflict()) return;
  if (isSaving) return soon();
  isSaving = true;
  isChanged = false;
  const answer = await fetch(form.dataset.autosave, { method: "POST", body: content() }).catch(() => null);
  isSaving = false;
  if (answer?.ok) await note(answer.clone());
  if (pressed) return form.requestSubmit(pressed);
  if (isLeaving) return;
  if (!answer || answer.status >= 500) {
    isChanged = true;
    say(gettext("Not saved: this server does not answer. It is tried again."));
    return soon(AGAIN_MS);
  }
  if (answer.redirected || answer.status === 403)
    return say(gettext("Not saved: you are signed out. Sign in in another tab."));
  const html = document.createElement("template");
  html.innerHTML = await answer.text();
  html.content.querySelector("[data-warnings]")?.remove();
  showConflict(html);
  place.replaceChildren(html.content);
  if (isChanged) forgetSaved();
  if (answer.ok) history.replaceState({ isDraft: true }, "", form.dataset.draftUrl);
  else isChanged = true;
  if (answer.ok && isChanged) soon();
}

function change(event) {
  if (event?.target?.type === "file") return;
  isChanged = true;
  forgetSaved();
  soon();
}

// Typed or chosen before this script ran, as on a slow line.
function isChangedAlready() {
  const typed = [...form.querySelectorAll("textarea, [type=text], [type=date], [type=time]")];
  const chosen = [...form.querySelectorAll("[type=checkbox], [type=radio]")];
  return (
    typed.some((field) => field.value !== field.defaultValue) ||
    chosen.some((field) => field.checked !== field.defaultChecked)
  );
}

if (form && place) {
  form.addEventListener("input", change);
  form.addEventListener("change", change);
  form.addEventListener("compose:content", change);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    isLeaving = true;
    if (!isSaving) return;
    event.preventDefault();
    pressed = event.submitter;
  });
  // The last words typed before a tab is closed.
  addEventListener("pagehide", () => {
    if (isChanged && !isLeaving && isWorthKeeping() && !isInConflict()) navigator.sendBeacon(form.dataset.autosave, content());
  });
  // What was on the way when the page was left is saved by now.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  // What a button brought that only showed the form anew.
  if (form.hasAttribute("data-is-typed") || isChangedAlready()) change();
}
