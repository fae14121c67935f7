// The posting form: says what is still missing, keeps branded content and "Only me" apart, and
// shows in the preview what the account under the hand has chosen.
// These are hints; the server checks everything again.
const form = document.querySelector("[data-compose]");
const find = (selector) => form.querySelector(selector);
const isOn = (selector, place = form) => Boolean(place.querySelector(selector)?.checked);
const panels = () => [...form.querySelectorAll("[data-panel]")];
const isPhoto = () => form.dataset.kind === "photo";
const isDirect = () => !isOn("#mode-inbox");

const isDisclosed = (panel) => isDirect() && isOn("[data-disclosure]", panel);
const isBranded = (panel) => isDisclosed(panel) && isOn("[data-branded]", panel);
const audienceOf = (panel) => panel.querySelector("[data-privacy]:checked");
const isPrivate = (panel) => audienceOf(panel)?.hasAttribute("data-not-for-branded") ?? false;
const words = (selector, place = form) => place.querySelector(selector)?.textContent.trim() ?? "";
const idOf = (panel, name) => `id_account-${panel.dataset.panel}-${name}`;

let current = null;

function tooLong(panel) {
  const limit_s = Number(panel.dataset.maxDurationS);
  const length_s = Number(find("[data-media]")?.dataset.durationS);
  return isDirect() && !isPhoto() && limit_s > 0 && length_s > limit_s ? { limit_s, length_s } : null;
}

function lengthWords(panel) {
  const { limit_s, length_s } = tooLong(panel);
  const text = gettext("a shorter video: this one is {length} s long, {limit} s are allowed");
  return fill(text, { length: length_s.toFixed(1), limit: limit_s });
}

const lacksTime = () => Boolean(find("#id_due_date").value) && !find("#id_due_time").value;
const photoCount = () => form.querySelectorAll("[data-photo]").length;
const lacksMedia = () =>
  isPhoto() ? photoCount() === 0 : !find("[data-media]")?.value && !find("#id_file").value;
const isOver = (selector) => Boolean(find(`${selector}[data-caption-is-over]`));
const isOverPhotos = () => photoCount() > Number(find("[data-photos]")?.dataset.maxPhotos ?? Infinity);

// [is it in the way?, words, where it is put right, only for a planned time]
const NEEDS = [
  [() => Boolean(find("[data-conflict]")), () => gettext("a choice between two versions"), "conflict"],
  [() => !find("[data-account]:checked"), () => gettext("an account"), "account-and-creator"],
  [() => form.hasAttribute("data-uploading"), () => gettext("the end of the upload"), "media"],
  [
    () => !form.hasAttribute("data-uploading") && lacksMedia(),
    () => (isPhoto() ? gettext("at least one photo") : gettext("a video")),
    "media",
  ],
  [
    isOverPhotos,
    () => fill(gettext("at most {count} photos"), { count: find("[data-photos]").dataset.maxPhotos }),
    "media",
  ],
  [() => isOver("#id_title"), () => gettext("a shorter title"), "id_title"],
  // TikTok takes no caption along with an inbox video.
  [
    () => isOver("#id_caption") && (isDirect() || isPhoto()),
    () => (isPhoto() ? gettext("a shorter description") : gettext("a shorter caption")),
    "id_caption",
  ],
];
const NEEDS_OF_PANEL = [
  [
    (panel) => isDirect() && !panel.hasAttribute("data-creator-ready") && !panel.dataset.blocked,
    () => gettext("TikTok’s answer about this account"),
    (panel) => `creator-${panel.dataset.panel}`,
  ],
  [
    (panel) => isDirect() && Boolean(panel.dataset.blocked),
    ({ dataset: { account } }) => fill(gettext("an account that can post now: {account} cannot"), { account }),
    () => "account-and-creator",
  ],
  [
    (panel) => panel.hasAttribute(`data-${isDirect() ? "direct" : "inbox"}-scope-missing`),
    () => gettext("a permission of this account"),
    (panel) => `panel-${panel.dataset.panel}`,
  ],
  [(panel) => tooLong(panel) !== null, lengthWords, () => "media"],
  [
    (panel) => isDirect() && panel.hasAttribute("data-creator-ready") && !audienceOf(panel),
    () => gettext("who can view it"),
    (panel) => idOf(panel, "privacy_level"),
  ],
  [
    (panel) => isDirect() && Boolean(audienceOf(panel)?.hasAttribute("data-after-audit")),
    () => gettext("“Only me”, until TikTok has audited this app"),
    (panel) => idOf(panel, "privacy_level"),
  ],
  [
    (panel) => isDisclosed(panel) && !isOn("[data-your-brand]", panel) && !isOn("[data-branded]", panel),
    (panel) => words(".prompt-none", panel),
    (panel) => idOf(panel, "discloses_content"),
  ],
  [
    (panel) => isBranded(panel) && isPrivate(panel),
    (panel) => words("[data-branded-off]", panel),
    (panel) => idOf(panel, "privacy_level"),
  ],
];
const NEEDS_OF_TIME = [
  [lacksTime, () => gettext("a time"), "id_due_time"],
  [
    () => !lacksTime() && !find("[data-moment-label]"),
    () => gettext("a date and time in the future"),
    "id_due_date",
  ],
];

// [text, anchor] of everything that is still in the way.
function missingNow() {
  const rows = NEEDS.filter(([isMissing]) => isMissing()).map(([, text, anchor]) => [text(), anchor]);
  const several = panels().length > 1;
  for (const panel of panels())
    for (const [isMissing, text, anchor] of NEEDS_OF_PANEL)
      if (isMissing(panel)) {
        const name = several ? `${panel.dataset.account}: ` : "";
        rows.push([name + text(panel), anchor(panel)]);
      }
  return rows;
}

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

function keepApart(panel) {
  if (!isOn("[data-disclosure]", panel))
    for (const box of panel.querySelectorAll("[data-your-brand], [data-branded]")) box.checked = false;
  const branded = isBranded(panel);
  for (const option of panel.querySelectorAll("[data-not-for-branded]")) {
    option.disabled = branded && !option.checked;
    const label = option.closest("label");
    explain(label, option.disabled ? label.dataset.title : "");
  }
  for (const note of panel.querySelectorAll("[data-branded-note]")) note.hidden = !branded;
  const audience = panel.querySelector("[data-dropdown] > summary");
  if (branded) audience?.setAttribute("aria-describedby", `only-me-note-${panel.dataset.panel}`);
  else audience?.removeAttribute("aria-describedby");
  const box = panel.querySelector("[data-branded]");
  if (!box) return;
  box.disabled = isDisclosed(panel) && !box.checked && isPrivate(panel);
  const why = panel.querySelector("[data-branded-off]");
  why.hidden = !box.disabled;
  explain(panel.querySelector("[data-branded-choice]"), box.disabled ? why.textContent : "");
}

// The label of a disabled control takes the focus in its place and says why; "" ends that.
function explain(label, text) {
  label.classList.toggle("is-off", Boolean(text));
  label.title = text;
  if (text) label.tabIndex = 0;
  else label.removeAttribute("tabindex");
}

// A disabled button cannot be focused, so what surrounds it takes the focus and says why.
function tell(button, missing) {
  button.disabled = missing.length > 0;
  const tip = button.closest("[data-tip]");
  if (!tip) return;
  const text = tip.querySelector("[role=tooltip]");
  text.textContent = missing.map(([one]) => one).join(" · ");
  text.hidden = missing.length === 0;
  tip.toggleAttribute("data-has-tip", missing.length > 0);
  if (missing.length) {
    tip.tabIndex = 0;
    tip.setAttribute("aria-describedby", text.id);
  } else {
    tip.removeAttribute("tabindex");
    tip.removeAttribute("aria-describedby");
  }
}

function look() {
  form.dataset.panels = panels().length;
  panels().forEach(keepApart);
  const missing = missingNow();
  const time = NEEDS_OF_TIME.filter(([isMissing]) => isMissing()).map(([, text, anchor]) => [text(), anchor]);
  list([...missing, ...time]);
  tell(find("[data-needs=now]"), missing);
  const asking = form.hasAttribute("data-moment-asked") ? [[gettext("the moment in words"), "moment"]] : [];
  tell(find("[data-needs=schedule]"), time.length ? [...missing, ...time] : [...missing, ...asking]);
  find("[data-needs=draft]").disabled = form.hasAttribute("data-uploading");
  for (const button of form.querySelectorAll("[name=kind_to], [name=take]"))
    button.disabled = form.hasAttribute("data-uploading");
  preview();
}

function labelsOf(panel) {
  const labels = [];
  if (isBranded(panel)) labels.push("Paid partnership");
  else if (isDisclosed(panel) && isOn("[data-your-brand]", panel)) labels.push("Promotional content");
  if (isDirect() && isOn("[data-ai]", panel)) labels.push("Creator labeled as AI-generated");
  return labels;
}

function showLabels(labels) {
  const list = Object.assign(document.createElement("ul"), { className: "phone-labels" });
  list.append(...labels.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  document.getElementById("phone-labels").replaceChildren(...(labels.length ? [list] : []));
}

// Of the account under the hand; of the first one before any was touched.
function preview() {
  const panel = current?.isConnected ? current : panels()[0];
  document.getElementById("phone-name").textContent =
    panel ? (panel.dataset.nickname ?? panel.dataset.account) : "";
  showLabels(panel ? labelsOf(panel) : []);
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
  form.addEventListener("click", goTo);
  form.addEventListener("focusin", (event) => {
    const panel = event.target.closest("[data-panel]");
    if (panel && panel !== current) {
      current = panel;
      preview();
    }
  });
  // Enter in a field must not press the form's first button.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])")) event.preventDefault();
  });
  look();
}
