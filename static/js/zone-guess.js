// Picks the browser's time zone in a select that nobody has touched yet.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const select of document.querySelectorAll("select[data-guesses-zone]")) {
  const isKnown = [...select.options].some((option) => option.value === zone);
  if (isKnown) select.value = zone;
}
