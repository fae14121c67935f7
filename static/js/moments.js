// Keeps "in 3 h" and the clock true while a page stays open.
function relativeWords(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  const [hours, days] = [Math.round(minutes / 60), Math.round(minutes / 1440)];
  if (minutes < 1) return ms > 0 ? gettext("in under a minute") : gettext("just now");
  if (minutes < 60) return fill(ms > 0 ? gettext("in {count} min") : gettext("{count} min ago"), { count: minutes });
  if (minutes < 36 * 60) return fill(ms > 0 ? gettext("in {count} h") : gettext("{count} h ago"), { count: hours });
  const words =
    ms > 0 ? ngettext("in {count} day", "in {count} days", days) : ngettext("{count} day ago", "{count} days ago", days);
  return fill(words, { count: days });
}

function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("[data-moment]")) {
    const relative = time.querySelector("[data-relative]");
    if (relative) show(relative, `(${relativeWords(Date.parse(time.dateTime) - now)})`);
  }
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const zoned = { ...format, timeZone: clock.dataset.clock };
    show(clock, new Intl.DateTimeFormat("en-GB", zoned).format(now));
  }
}

setInterval(tick, 10000);
