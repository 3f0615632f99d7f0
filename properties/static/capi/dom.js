// What the scripts share.
export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);
export const on = (type, act, root = document, options) => root?.addEventListener(type, act, options);
export const onFirst = (type, act) => on(type, act, document, true);
export const fits = (text, words) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

// Scrolls the box alone, not the page. Where the browser does not know "container", scroll-padding sees to it.
export const reveal = (row) => row.scrollIntoView({ block: "nearest", container: "nearest" });

// The row of a list that its input is at.
export const markOf = (input) => input.ariaActiveDescendantElement;
export function mark(input, row = null) {
  for (const each of [markOf(input), row]) each?.setAttribute("aria-selected", each === row);
  input.ariaActiveDescendantElement = row;
  if (row) reveal(row);
}
export const step = (input, rows, by) => mark(input, rows.at((rows.indexOf(markOf(input)) + by) % rows.length));
