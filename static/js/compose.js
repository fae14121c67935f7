// The posting form: says what is still missing, and keeps branded content and "Only me" apart.
// These are hints; the server checks everything again.
const form = document.querySelector("[data-compose]");
const find = (selector) => form.querySelector(selector);
const isOn = (selector) => Boolean(find(selector)?.checked);

const isDirect = () => !isOn("#mode-inbox");
const isDisclosed = () => isDirect() && isOn("#id_discloses_content");
const isBranded = () => isDisclosed() && isOn("#id_is_branded_content");
const chosenAudience = () => find('input[name="privacy_level"]:checked');
const isPrivate = () => chosenAudience()?.hasAttribute("data-not-for-branded") ?? false;
const words = (selector) => find(selector)?.textContent.trim() ?? "";

function tooLong() {
  const limit_s = Number(find("#creator")?.dataset.maxDurationS);
  const length_s = Number(find("[data-media]")?.dataset.durationS);
  return isDirect() && limit_s > 0 && length_s > limit_s ? { limit_s, length_s } : null;
}

function lengthWords() {
  const { limit_s, length_s } = tooLong();
  return `a shorter video: this one is ${length_s.toFixed(1)} s long, ${limit_s} s are allowed`;
}

function lacksTime() {
  return Boolean(find("#id_due_date").value) && !find("#id_due_time").value;
}

// [is it in the way?, words, where it is put right, only for a planned time]
const NEEDS = [
  [() => !find('input[name="account"]:checked'), () => "an account", "account-and-creator"],
  [
    () => isDirect() && isOn('input[name="account"]') && !find("#creator[data-creator-ready]"),
    () => "TikTok’s answer about this account",
    "account-and-creator",
  ],
  [() => form.hasAttribute("data-uploading"), () => "the end of the upload", "video"],
  [
    () => !form.hasAttribute("data-uploading") && !find("[data-media]")?.value && !find("#id_file").value,
    () => "a video",
    "video",
  ],
  [() => tooLong() !== null, lengthWords, "video"],
  [
    () => isDirect() && Boolean(find("[data-caption-is-over]")),
    () => "a shorter caption",
    "id_caption",
  ],
  [
    () => isDirect() && Boolean(find("#creator[data-creator-ready]")) && !chosenAudience(),
    () => "who can view it",
    "id_privacy_level",
  ],
  [
    () => isDisclosed() && !isOn("#id_is_your_brand") && !isOn("#id_is_branded_content"),
    () => words(".prompt-none"),
    "id_discloses_content",
  ],
  [() => isBranded() && isPrivate(), () => words("[data-branded-off]"), "id_privacy_level"],
  [lacksTime, () => "a time", "id_due_time", true],
  [
    () => !lacksTime() && !find("[data-moment-label]"),
    () => "a date and time in the future",
    "id_due_date",
    true,
  ],
];

function list(missing) {
  const key = JSON.stringify(missing);
  const place = find("[data-missing-list]");
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(
    ...missing.map(([text, anchor]) => {
      const link = Object.assign(document.createElement("a"), { href: `#${anchor}` });
      link.textContent = text;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  find("[data-missing]").hidden = missing.length === 0;
}

function keepApart() {
  const branded = isBranded();
  for (const option of form.querySelectorAll("[data-not-for-branded]")) {
    option.disabled = branded && !option.checked;
    const label = option.closest("label");
    label.classList.toggle("is-off", option.disabled);
    label.title = option.disabled ? label.dataset.title : "";
  }
  for (const note of form.querySelectorAll("[data-branded-note]")) note.hidden = !branded;
  const box = find("#id_is_branded_content");
  box.disabled = isDisclosed() && !box.checked && isPrivate();
  const why = find("[data-branded-off]");
  why.hidden = !box.disabled;
  const label = find("[data-branded-choice]");
  label.classList.toggle("is-off", box.disabled);
  label.title = box.disabled ? why.textContent : "";
}

function look() {
  if (!isOn("#id_discloses_content"))
    for (const id of ["#id_is_your_brand", "#id_is_branded_content"]) find(id).checked = false;
  keepApart();
  const inTheWay = NEEDS.filter(([isMissing]) => isMissing());
  list(inTheWay.map(([, text, anchor]) => [text(), anchor]));
  const needed = { now: inTheWay.filter((need) => !need[3]), schedule: inTheWay };
  for (const [action, missing] of Object.entries(needed)) {
    const button = find(`[data-needs="${action}"]`);
    button.disabled = missing.length > 0 || (action === "schedule" && form.hasAttribute("data-moment-asked"));
    button.parentElement.title = missing.map(([, text]) => text()).join("\n");
  }
  find('[data-needs="draft"]').disabled = form.hasAttribute("data-uploading");
}

function showName() {
  const name = find("#creator")?.dataset.nickname;
  if (name) find("#phone-name").textContent = name;
}

function goTo(event) {
  const link = event.target.closest("[data-missing-list] a, .form-errors a");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: "center" });
  const focusable = target.matches("input, textarea, summary, [tabindex]");
  (focusable ? target : target.querySelector("input, textarea, summary"))?.focus();
}

if (form) {
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  form.addEventListener("compose:look", look);
  form.addEventListener("htmx:afterSettle", () => {
    showName();
    look();
  });
  form.addEventListener("click", goTo);
  look();
}
