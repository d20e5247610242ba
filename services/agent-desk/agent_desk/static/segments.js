// How many messages an answer by SMS makes, told while it is typed: counted as guichet.channel.segments does, which a
// test holds beside it. Without this script, and where files go with it or it is too long for one, « Aperçu » says it.
const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€"); // each with an escape before it
const PAUSE_MS = 400; // somebody who types is not told at each key

const divided = (widths, alone, ofSeveral) => {
  let [total, parts, room] = [0, 1, ofSeveral];
  for (const width of widths) {
    total += width;
    if (width > room) [parts, room] = [parts + 1, ofSeveral];
    room -= width;
  }
  return total <= alone ? 1 : parts;
};

/** Return how many messages a text makes. */
export function segments(text) {
  const letters = [...text];
  const isBasic = letters.every((each) => BASIC.has(each) || EXTENDED.has(each));
  return isBasic
    ? divided(letters.map((each) => (EXTENDED.has(each) ? 2 : 1)), 160, 153)
    : divided(letters.map((each) => each.length), 70, 67);
}

export function attach(text) {
  const told = document.getElementById("segments");
  const [count, length] = told.children;
  let waits = 0;
  const show = () => {
    const way = text.form.querySelector("[name=way]:checked") ?? text;
    const { frame, signature, longest } = told.dataset; // of what is counted, whichever way was ticked at first
    const words = text.value.trim();
    const isSigned = text.form.querySelector("#signed:checked, [name=signed][type=hidden]") !== null && !words.endsWith(signature);
    const whole = words + (isSigned ? `\n\n${signature}` : "") + frame;
    const hasFiles = text.form.querySelector("#pieces-jointes .files") !== null;
    told.hidden = way.dataset.counted === undefined || words === "" || hasFiles || whole.length > Number(longest);
    if (told.hidden) return;
    const number = segments(whole);
    const bill = number === 1 ? told.dataset.one : told.dataset.many.replace("{n}", number);
    if (count.textContent !== bill) count.textContent = bill; // said aloud where it changes
    length.textContent = told.dataset.units.replace("{n}", whole.length);
  };
  const later = () => {
    clearTimeout(waits);
    waits = setTimeout(show, PAUSE_MS);
  };
  for (const changed of ["input", "htmx:afterSwap"]) text.form.addEventListener(changed, later); // a file came or went
  show();
}
