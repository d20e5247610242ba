// An answer that may be taken back tells for how long. Without scripts the page says so once.
(() => {
  const shown = document.querySelector("[data-countdown]");
  if (shown === null) return;
  const counting = setInterval(() => {
    const left = Number(shown.textContent) - 1;
    shown.textContent = Math.max(left, 0);
    if (left <= 0 || !shown.isConnected) clearInterval(counting);
  }, 1000);
})();
