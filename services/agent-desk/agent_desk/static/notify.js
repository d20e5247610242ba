// Tells an agent who asked for it what is addressed to them while they look elsewhere. One tab of theirs listens for all:
// whoever holds the lock; the next one takes it when that tab is closed. Loaded only where notifications are on.
const allowed = () => "Notification" in window && Notification.permission === "granted";

function tell({ data }) {
  if (document.hasFocus()) return; // the bar says it
  const { words, reference } = JSON.parse(data);
  const shown = new Notification(words, { tag: words, lang: document.documentElement.lang });
  shown.addEventListener("click", () => {
    window.focus();
    location.assign(`/demandes/${reference}`);
  });
}

function listen() {
  new EventSource("/pour-moi/direct").addEventListener("news", tell);
  return new Promise(() => {}); // for as long as the tab is there
}

if (allowed() && navigator.locks) navigator.locks.request("pour-moi", listen);

// Under Préférences the browser is asked once the box is ticked: it answers no question that nobody's click has put.
const box = document.getElementById("notify");
box?.addEventListener("change", async () => {
  const answer = box.checked && "Notification" in window ? await Notification.requestPermission() : "granted";
  document.getElementById("notify-denied").hidden = answer === "granted";
});
