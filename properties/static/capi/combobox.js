// Fields that take data elements. The input holds the stored text; what is drawn over it follows from value, focus
// and selection, at rest by the server. One list serves all fields; each option has the text that it gives.
import { $, all, byId, mark, markOf, onFirst as on, step } from "./dom.js";

const picker = byId("picker"), [list, elements, said, edit] = ["div", ".elements", "p", "a"].map((it) => $(it, picker));
// A token is {{Name}}, in tags %Name%: how it looks, how it begins before the caret, how it ends after it.
const { before, after } = document.documentElement.dataset, isTags = before === "%";
const [TOKEN, OPEN, REST] = isTags ? [/(%[^%]+%)/, /(?<=^[^%]*(?:%[^%]*%[^%]*)*)%([^%]*)$/, /^([^%\s]*%)?/]
  : [/(\{\{[^{}]+\}\})/, /(?:\{\{|｛｛)([^{}｛｝]*)$/, /^([^{}｛｝]*\}\})?/];
const FIELD = ".combo .box > :is(input, textarea)";
let input, query, asked; // The field; what filters the list (undefined: nothing); what the server was asked for.
let hasMoved, isLate, wasFocused; // isLate: Enter was pressed before the list came.

const lower = (text) => text.trim().toLowerCase();
const comboOf = (node) => node.closest(".combo");
const isLine = (field) => field.matches("input");
const isToken = ({ value }) => value !== "" && value.replace(TOKEN, "") === "";
const isWhole = ({ value, selectionStart, selectionEnd }) => selectionEnd - selectionStart === value.length;
const toEnd = (field) => field.setSelectionRange(field.value.length, field.value.length);
const choicesOf = (field) => byId(field.dataset.list) ?? "";
// The fixed choice with this value or label, in any case.
const choiceOf = (field) => choicesOf(field) && all("[data-value]", choicesOf(field))
  .find(({ dataset: { value, label } }) => [value, label].map(lower).includes(lower(field.value)))?.dataset;
const faceOf = (field) => (isToken(field) ? field.value.slice(before.length, -after.length) : choiceOf(field)?.label ?? "");
const isOpen = () => picker.matches(":popover-open");
const isLoading = () => elements.matches(".htmx-request");
const visible = () => all("[role=option]:not([hidden])", picker);
const isNamed = (text, how = String) => all("[data-name]", picker).some((it) => how(it.dataset.value) === text);
const isBad = (combo, text) => !/^%(this|event|target)\./.test(text)
  && ($(".end:not(.more)", picker) ? !isNamed(text) : combo.dataset.unknown?.split("\n").includes(text));

// The text after braces that are open before the caret.
function fragment({ value, selectionStart: start, selectionEnd: end }) {
  const found = start === end && OPEN.exec(value.slice(0, end));
  return found && { start: found.index, text: found[1].trim() };
}

function paint(field) {
  const combo = comboOf(field), under = $(".under", combo), isActive = field === document.activeElement;
  const face = isActive && !isWhole(field) ? "" : faceOf(field);
  $(".face", combo).textContent = face;
  combo.classList.toggle("is-faced", face !== "");
  combo.classList.toggle("is-token", isToken(field));
  under.replaceChildren(...field.value.split(TOKEN).map((textContent, i) => {
    const className = i % 2 && isBad(combo, textContent) ? "bad" : "";
    const isText = isTags && className && !isToken(field); // “100% off, 50% more”
    return i % 2 && !isText ? Object.assign(document.createElement("mark"), { textContent, className }) : textContent;
  }), " ");
  if (isActive) under.scrollLeft = field.scrollLeft;
}

function filter() {
  const small = lower(query ?? ""), isSearch = query && !fragment(input), fresh = $(".fresh", picker);
  if (asked !== ($(".more", picker) ? small : "")) load(small);
  for (const it of all("[data-value]", picker)) it.hidden = !small.split(/\s+/).every((word) => lower(it.textContent).includes(word));
  if (fresh) {
    fresh.hidden = isSearch || isNamed(before + small + after, lower);
    fresh.search = new URLSearchParams({ name: query ?? "" });
    $("b", fresh).textContent = query && ` “${query}”`;
  }
  const found = visible(), isFirst = (it) => (small ? lower(it.textContent).startsWith(small) : it.dataset.value === input.value);
  mark(input, hasMoved && found.includes(markOf(input)) ? markOf(input) : found.find(isFirst) ?? found[0]);
  if ($(".end", picker)) said.textContent = `${found.length} found`;
  if (isSearch && !found.length) close();
}

async function load(q) {
  [asked, said.textContent] = [q, "Loading…"];
  await htmx.ajax("GET", picker.dataset.url, { source: elements, target: elements, values: { q } }).catch(() => {});
  if (asked !== q) return;
  if (!$(".end", picker)) said.textContent = "The list could not be loaded. Open it again.";
  else if (isOpen()) filter();
  if (isLate) markOf(input)?.click();
  paint(input);
}

function open(field, text) {
  if (!isOpen() || input !== field) {
    close();
    if (!$(".end", picker) && !isLoading()) asked = null;
    input = field;
    list.prepend(choicesOf(field));
    comboOf(field).append(picker); // A dialog makes what is outside of it inert.
    picker.showPopover();
    field.ariaExpanded &&= "true";
  }
  [query, hasMoved] = [text, false];
  filter();
}

function close() {
  if (!isOpen()) return;
  mark(input);
  input.ariaExpanded &&= "false";
  comboOf(input).append(choicesOf(input));
  picker.hidePopover();
  document.body.append(picker);
  isLate = false;
}

// Writes as typing does, so that undo works.
function put(field, text, isAll) {
  const found = fragment(field), { value, selectionEnd: end } = field;
  field.focus();
  if (found) field.setSelectionRange(found.start, end + REST.exec(value.slice(end))[0].length);
  else if (isAll || faceOf(field)) field.select();
  document.execCommand("insertText", false, text);
  close();
  if (faceOf(field)) field.select();
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
const EVENTS = {
  keydown(field, event) {
    const { key, altKey } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (key === "F2") toEnd(field);
    if (isOpen() && key === "Tab") {
      if (hasMoved || fragment(field)?.text) markOf(field)?.click();
      close();
    }
    if (isOpen() ? !(key in STEPS || /Enter|Escape/.test(key)) : !isLine(field) || !/Enter|ArrowDown/.test(key)) return;
    event.preventDefault(); // Enter does not send a long form.
    if (key === "Escape" || (isOpen() && altKey)) close();
    else if (key === "Enter" && isOpen()) {
      if (isLoading() && !markOf(field)?.dataset.label) isLate = true;
      else markOf(field)?.click();
    } else if (key === "Enter") {
      edit.search = new URLSearchParams({ name: faceOf(field) });
      if (isToken(field) && isWhole(field)) edit.click();
    } else if (isOpen()) {
      hasMoved = true;
      step(field, visible(), STEPS[key]);
    } else open(field);
  },
  input(field, { inputType, isComposing }) {
    paint(field);
    if (isComposing || field !== document.activeElement) return;
    const text = fragment(field)?.text ?? (choicesOf(field) && !field.value.includes(before) ? field.value || null : null);
    if (text === null || inputType?.startsWith("history")) close();
    else open(field, text);
  },
  compositionend: (field) => EVENTS.input(field, {}),
  change(field) { // A typed label becomes its value.
    field.value = choiceOf(field)?.value ?? field.value;
    paint(field);
  },
  focusin(field) {
    if (isLine(field)) Object.assign(field, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
    if (faceOf(field)) field.select();
    paint(field);
  },
  focusout(field) {
    close();
    field.scrollLeft = 0;
    paint(field);
  },
  mousedown(field, event) {
    wasFocused = field === document.activeElement;
    if (wasFocused || !faceOf(field)) return;
    event.preventDefault();
    field.focus();
  },
  click(field, { pointerType }) { // The second tap shows the text.
    if (wasFocused && pointerType !== "mouse" && isWhole(field)) toEnd(field);
  },
  scroll: (field) => { $(".under", comboOf(field)).scrollLeft = field.scrollLeft; },
};
for (const type in EVENTS) on(type, (event) => { if (event.target.matches?.(FIELD)) EVENTS[type](event.target, event); });
on("selectionchange", () => {
  const field = document.activeElement;
  if (field === input && field.value.includes(before) && query !== undefined && !fragment(field)) close();
  if (field.matches(FIELD)) paint(field);
});
on("mousedown", (event) => { if (event.target.closest("#picker, .pick")) event.preventDefault(); });
on("click", ({ target }) => {
  const option = target.closest("#picker [data-value]")?.dataset, pick = target.closest(".pick");
  if (option) put(input, option.value, option.label || query);
  if (!pick) return;
  const field = $(FIELD, comboOf(pick)), wasOpen = field === input && isOpen();
  field.focus();
  if (wasOpen) close();
  else open(field);
});
on("htmx:beforeSwap", ({ target }) => { if (target.contains(picker)) close(); });
on("element-made", ({ detail: { name } }) => {
  asked = null;
  if (input?.isConnected) put(input, before + name + after);
});
document.documentElement.classList.add("has-combos");
