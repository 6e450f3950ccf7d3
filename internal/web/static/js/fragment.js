// What is taken of a playbook's steps (page.RenderFragments): the whole document is
// long to read for a phone, and a walk shows one step at a time. The service
// worker does this.

// cut leaves the steps of those numbers, from 1, with the ends to which they lead.
export function cut(text, numbers) {
  const body = text.indexOf('<body>');
  if (body < 0) return text;
  const parts = [text.slice(0, body + 6)];
  for (const n of numbers) {
    parts.push(...between(text, `<article class="card" data-step="${n}"`, '</article>').slice(0, 1));
    parts.push(...between(text, `<section data-end="${n}/`, '</section>'));
  }
  return `${parts.join('\n')}\n</body>\n</html>\n`;
}

function between(text, from, to) {
  const found = [];
  for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + 1)) found.push(text.slice(at, text.indexOf(to, at) + to.length));
  return found;
}
