// Small hands for the page's elements. Text goes in as text only: nothing here takes HTML.

export const $ = (id) => document.getElementById(id);

/** An element with properties, attributes (names with a dash, and role), listeners (`onclick`) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of the signs in shell.html, by its name after `i-`. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Point an existing button's sign at another one. */
export function setIcon(button, name) {
  button.querySelector("use").setAttribute("href", `#i-${name}`);
}

/** Set text only when it differs, so that screen readers do not repeat themselves. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Bring `list`'s children in line with `items`, keeping the element of an item that stays: focus, an open
 * form and what is typed in it survive a change elsewhere. `draw(item, old)` returns the element.
 */
export function keyed(list, items, key, draw) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const id = String(key(item));
    const element = draw(item, old.get(id) ?? null);
    element.dataset.key = id;
    return element;
  });
  const keep = new Set(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, at) => {
    if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
  });
}

/** Wait until Gradio has put our markup in the document. */
export function markup() {
  return new Promise((resolve) => {
    if ($("lookout")) return resolve($("lookout"));
    const watcher = new MutationObserver(() => {
      if (!$("lookout")) return;
      watcher.disconnect();
      resolve($("lookout"));
    });
    watcher.observe(document.documentElement, { childList: true, subtree: true });
  });
}
