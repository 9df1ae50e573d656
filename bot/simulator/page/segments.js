// What an SMS costs, counted as the stand-in does (segments.go).
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const twice = "\f^{}\\[~]|€";

export function segments(text) {
  const widths = [];
  let gsm = true;
  for (const c of text) {
    if (basic.includes(c)) widths.push(1);
    else if (twice.includes(c)) widths.push(2);
    else gsm = false;
  }
  const units = gsm ? widths : [...text].map((c) => c.length);
  const total = units.reduce((a, b) => a + b, 0);
  const [single, part] = gsm ? [160, 153] : [70, 67];
  if (total <= single) return { gsm, total, count: 1, room: single };
  let count = 1, room = part;
  for (const u of units) {
    if (room < u) [count, room] = [count + 1, part];
    room -= u;
  }
  return { gsm, total, count, room: count * part };
}
