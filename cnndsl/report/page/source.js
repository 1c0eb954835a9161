// The texts with what there is to say of them, each message below the line that it is about; a click chooses a layer.

function textOfNet() {
  const loose = data.diagnostics.filter((message) => !message.labels.length);
  follow(pickLine);
  queueMicrotask(() => current() && pickLine(current(), "source"));
  return [
    ...loose.map(messageOf),
    ...data.sources.map((source, number) => [
      data.sources.length > 1 || !layers.length ? h("h3", {}, source.name) : null,
      h("div", { class: "source", "data-source": number }, linesOf(source, number)),
    ]).flat().filter(Boolean),
  ];
}

function linesOf(source, number) {
  const owners = new Map();
  data.places.forEach((place, layer) => {
    if (place?.[0] === number) owners.set(place[1], [...(owners.get(place[1]) ?? []), layer]);
  });
  return source.text.replace(/\r?\n$/, "").split(/\r?\n/).map((text, index) => {
    const line = index + 1;
    const own = owners.get(line) ?? [];
    const said = data.diagnostics.filter((message) => isAt(message, number, line));
    return [
      h("span", { class: "no" }, String(line)),
      h("span", { class: `line${own.length ? " has" : ""}`, "data-line": line, onclick: (event) => own.length && choose(under(event, own), "source") }, pieces(text, number, line)),
      ...said.map(messageOf),
    ];
  }).flat();
}

function isAt(message, number, line) {
  const main = message.labels.find((label) => label[2]) ?? message.labels[0];
  return main?.[0] && main[0][0] === number && main[0][1] === line;
}

/** The layer of a line that was clicked on: the one whose call it is, else the next one of the line. */
function under(event, own) {
  const at = event.target.closest("[data-column]")?.dataset.column;
  const exact = own.filter((layer) => String(data.places[layer][2]) === at);
  const list = exact.length ? exact : own;
  return list[(list.indexOf(chosen.index) + 1) % list.length];
}

/** A line in pieces: calls of layers, places of messages, comments. Columns are characters, not UTF-16 units. */
function pieces(text, number, line) {
  const letters = Array.from(text);
  const cuts = new Set([0, letters.length]);
  const spans = [];
  const span = (place, kind) => {
    const from = place[1] === line ? place[2] - 1 : 0;
    const to = place[3] === line ? place[4] - 1 : letters.length;
    spans.push([from, Math.max(to, from + 1), kind]);
    cuts.add(from).add(Math.min(spans.at(-1)[1], letters.length));
  };
  for (const place of data.places) if (place?.[0] === number && place[1] === line) span(place, "call");
  for (const message of data.diagnostics) for (const [place] of message.labels) if (place?.[0] === number && place[1] <= line && place[3] >= line) span(place, message.severity);
  const comment = commentAt(letters);
  if (comment >= 0) cuts.add(comment);
  const ends = [...cuts].filter((cut) => cut <= letters.length).sort((a, b) => a - b);
  return ends.slice(0, -1).map((from, index) => {
    const inside = spans.filter((each) => each[0] <= from && from < each[1]);
    const kinds = inside.map((each) => each[2]).filter((kind) => kind !== "call");
    const call = inside.filter((each) => each[2] === "call").sort((a, b) => b[0] - a[0])[0];
    if (comment >= 0 && from >= comment) kinds.push("comment");
    return h("span", { class: kinds.join(" ") || null, "data-column": call ? call[0] + 1 : null }, letters.slice(from, ends[index + 1]).join(""));
  });
}

function commentAt(letters) {
  let quoted = false;
  for (const [index, letter] of letters.entries()) {
    if (letter === '"') quoted = !quoted;
    if (letter === "#" && !quoted) return index;
  }
  return -1;
}

function messageOf(message) {
  const list = [...message.notes, ...message.helps.map((help) => `help: ${help}`)];
  return h("div", { class: `message ${message.severity}` }, h("b", {}, `${message.severity} ${message.code}`), ` ${message.message}`,
    message.labels.filter((label) => label[2] && label[1]).map((label) => h("div", {}, label[1])),
    list.length ? h("ul", {}, list.map((text) => h("li", {}, text))) : null);
}

function pickLine(layer, from) {
  const place = layer.place;
  for (const line of document.querySelectorAll(".source .picked, .source .at")) line.classList.remove("picked", "at");
  if (!place) return;
  const line = document.querySelector(`.source[data-source="${place[0]}"] [data-line="${place[1]}"]`);
  line?.classList.add("picked");
  line?.querySelectorAll(`[data-column="${place[2]}"]`).forEach((piece) => piece.classList.add("at"));
  if (from !== "source" && line?.offsetParent) line.scrollIntoView({ block: "center" });
}
