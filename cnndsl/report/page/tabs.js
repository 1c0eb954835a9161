// A row of tabs over panels; a panel is filled when it is first looked at, and again when the layer changes.

const panels = [];

/** A tab of a pane: `fill(layer)` gives its content; `of` says whether it is about the net or the chosen layer. */
function tab(pane, name, title, fill, { flush = false } = {}) {
  panels.push({ pane, name, title, fill, flush, made: undefined });
}

/** Builds the panes' tabs, those that were declared, and shows the first of each. */
function buildTabs() {
  for (const pane of ["net", "layer"]) {
    const own = panels.filter((panel) => panel.pane === pane);
    const bar = h("div", { class: "tabs", role: "tablist" });
    const parent = byId(pane);
    if (pane === "layer") parent.append(h("div", { class: "title", id: "title" }));
    parent.append(bar);
    for (const panel of own) {
      panel.button = h("button", {
        type: "button", role: "tab", id: `tab-${panel.name}`, "aria-controls": `panel-${panel.name}`,
        onclick: () => show(panel), onkeydown: (event) => walk(event, own),
      }, panel.title);
      panel.body = h("div", {
        class: `panel${panel.flush ? " flush" : ""}`, role: "tabpanel", id: `panel-${panel.name}`,
        "aria-labelledby": `tab-${panel.name}`, tabindex: -1,
      });
      bar.append(panel.button);
      parent.append(panel.body);
    }
    if (own.length) show(own[0]);
  }
  follow((layer) => panels.filter((panel) => panel.pane === "layer" && !panel.body.hidden).forEach(refill));
}

function show(panel) {
  for (const other of panels.filter((each) => each.pane === panel.pane)) {
    other.button.setAttribute("aria-selected", String(other === panel));
    other.button.tabIndex = other === panel ? 0 : -1;
    other.body.hidden = other !== panel;
  }
  refill(panel);
}

/** Fills a panel unless it already shows what it should: the net once, a layer's panel once a layer. */
function refill(panel) {
  const wanted = panel.pane === "net" ? -1 : chosen.index;
  if (panel.made === wanted || (panel.pane === "layer" && wanted < 0)) return;
  panel.made = wanted;
  panel.body.scrollTop = 0;
  panel.body.replaceChildren(...[panel.fill(current(), panel.body)].flat(Infinity).filter(Boolean));
}

/** Has the layer's tab of that name made anew when it is looked at next: what it shows has changed. */
function stale(name) {
  const panel = panels.find((each) => each.name === name);
  panel.made = undefined;
  if (panel.body && !panel.body.hidden) refill(panel);
}

/** Shows the tab of that name, if there is one. */
function open(name) {
  const panel = panels.find((each) => each.name === name);
  if (panel) show(panel);
}

function walk(event, own) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = own.findIndex((panel) => panel.button === event.target);
  const next = own[(at + step + own.length) % own.length];
  show(next);
  next.button.focus();
  event.stopPropagation();
  event.preventDefault();
}
