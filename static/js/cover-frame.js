// A video that stands at its cover ([data-cover-s]) plays from its beginning all the same.
document.addEventListener(
  "play",
  ({ target }) => {
    const cover = Number(target.dataset.coverS);
    if (!target.dataset.coverS) return;
    delete target.dataset.coverS;
    if (Math.abs(target.currentTime - cover) < 0.1) target.currentTime = 0;
  },
  true,
);
