// Who feeds whom: the units of one layer along one axis, sparse and with shared weights, or as if fully connected.

const TAPS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#857b00"];

function unitsOf(layer) {
  if (!layer.from.length) return h("p", { class: "soft" }, "An input is fed by nothing.");
  return new Units(layer).parts();
}

class Units {
  constructor(layer) {
    this.layer = layer;
    this.sparse = sparseOf(layer);
    this.dense = false;
    this.body = h("div");
    this.note = h("p", { class: "small", "aria-live": "polite" }, "\u00a0");
  }

  /** The links as [input, output, tap]; of a fully connected layer every pair has a weight of its own. */
  links() {
    const { inputs, outputs, links } = this.sparse;
    return this.dense ? range(outputs).flatMap((to) => range(inputs).map((from) => [from, to, to * inputs + from])) : links;
  }

  parts() {
    const { layer, sparse } = this;
    if (!sparse) return [h("p", { class: "soft" }, `${layer.path} puts channels in another place or joins some of them; which unit reads which is not drawn.`), this.counts()];
    const choices = sparse.kind ? [[sparse.kind, false], ["fully connected", true]].map(([name, dense]) => {
      const button = h("button", { type: "button", "aria-pressed": String(this.dense === dense), "data-dense": String(dense), onclick: () => {
        this.dense = dense;
        for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
        this.draw();
      } }, name);
      return button;
    }) : [];
    this.draw();
    return [
      h("p", { class: "small soft" }, `${layer.path} ${layer.out.length > 1 ? "along one axis" : "by channel"}, some of its units: inputs below, units above. Point at a unit to see what feeds it${this.weighs() ? ", at a line to see all uses of its weight" : ""}.`),
      h("div", { class: "row" }, choices), this.body, this.note, this.counts(),
    ];
  }

  draw() {
    const { inputs, outputs } = this.sparse, { low, high } = this.dense ? { low: 0, high: 0 } : this.sparse;
    const many = inputs + low + high, most = Math.max(many, outputs);
    const wide = Math.max(most * 44, 200), tall = 190;
    const x = (place) => ((place + low + 0.5) * wide) / many;
    const top = (place) => ((place + 0.5) * wide) / outputs;
    this.lines = this.links().filter(([from]) => from >= -low && from < inputs + high).map(([from, to, tap]) => ({ from, to, tap, ...this.line(x(from), top(to), tap, tall) }));
    const point = (at, y, place, kind, pad) => s("circle", { cx: at, cy: y, r: Math.min(11, wide / most / 2.6), class: pad ? "pad" : "", "data-kind": kind, "data-place": place,
      onpointerenter: () => this.light((line) => (kind === "unit" ? line.to : line.from) === place, this.said(kind, place)), onpointerleave: () => this.dark() });
    const cells = range(many).map((index) => point(x(index - low), tall - 26, index - low, "cell", index < low || index >= low + inputs));
    const units = range(outputs).map((place) => point(top(place), 26, place, "unit", false));
    const svg = s("svg", { class: "wires chart", id: "wires", viewBox: `0 0 ${wide} ${tall}` },
      this.lines.flatMap((line) => [line.thin, line.thick]), cells, units,
      s("text", { x: wide / 2, y: 10 }, "units"), s("text", { x: wide / 2, y: tall - 4 }, low + high ? "inputs, padding dashed" : "inputs"));
    svg.style.maxWidth = `${1.4 * wide}px`;
    this.body.replaceChildren(svg);
  }

  line(x1, x2, tap, tall) {
    const ends = { x1, y1: tall - 26, x2, y2: 26 };
    const thin = s("line", { ...ends, "data-tap": tap });
    if (!this.dense && this.weighs() && !this.layer.apart) thin.style.stroke = TAPS[tap % TAPS.length];
    const shared = () => this.light((line) => line.tap === tap, this.uses(tap));
    return { thin, thick: s("line", { ...ends, class: "thick", "data-tap": tap, onpointerenter: shared, onpointerleave: () => this.dark() }) };
  }

  light(wanted, text) {
    for (const line of this.lines) {
      line.thin.classList.toggle("lit", wanted(line));
      line.thin.classList.toggle("off", !wanted(line));
    }
    this.note.textContent = text;
  }

  dark() {
    for (const line of this.lines) line.thin.classList.remove("lit", "off");
    this.note.textContent = "\u00a0";
  }

  /** Whether its links have weights. */
  weighs() {
    return this.dense || this.layer.gathers === "weights" || Boolean(this.layer.paints) || (!this.layer.windows && Boolean(this.layer.uses));
  }

  uses(tap) {
    const uses = this.lines.filter((line) => line.tap === tap).length;
    const what = this.weighs() ? "weight" : this.layer.windows ? "place in the window" : "connection";
    return `This ${what} is used ${uses === 1 ? "once" : `${uses} times`} here.`;
  }

  said(kind, place) {
    const own = this.lines.filter((line) => (kind === "unit" ? line.to : line.from) === place).length;
    return kind === "unit" ? `This unit reads ${own} of the ${this.sparse.inputs} inputs.` : `This input feeds ${own} of the ${this.sparse.outputs} units.`;
  }

  /** What holds of the whole layer: from the analyses, not from the drawing. */
  counts() {
    const layer = this.layer;
    const rows = [
      layer.connections === undefined ? null : ["connections", count(layer.connections)],
      layer.connected === undefined ? null : ["fully connected", `${count(layer.connected)} weights and biases`],
      layer.params === undefined ? null : ["parameters", count(layer.params)],
      layer.uses ? ["uses of a weight", `${layer.uses} for one example`] : null,
      ...(layer.density ?? []).map(([feed, joined, total]) => ["density", `${count(joined)} of ${count(total)} pairs of a cell of ${layers[feed].path} and a position: ${((100 * joined) / total).toPrecision(4)} %`]),
    ].filter(Boolean);
    return [h("h3", {}, "Of the whole layer"), facts(rows)];
  }
}

/** A few units of a layer and what feeds them: the numbers of inputs, padding and units, and links [input, unit, tap]. */
function sparseOf(layer) {
  if (layer.windows) return windowLinks(layer, small(windowsDrawn(layer)[1]));
  if (layer.paints) return paintLinks(smallSpread(paintsDrawn(layer)[1]));
  const wires = data.wires[layer.wires ?? 0];
  if (!wires.length) return null;
  const links = wires.flatMap((cells, to) => cells.map((from) => [from, to]));
  return { kind: "", low: 0, high: 0, outputs: wires.length, inputs: Math.max(...links.map(([from]) => from)) + 1, links: links.map((link, tap) => [...link, tap]) };
}

function windowLinks(layer, { extent, output, kernel, stride, low, high, dilation }) {
  const links = range(output).flatMap((to) => range(kernel).map((tap) => [to * stride + tap * dilation - low, to, layer.apart ? to * kernel + tap : tap]));
  const kind = layer.gathers !== "weights" ? "window" : layer.apart ? "own weights" : "shared weights";
  return { kind, low, high, inputs: extent, outputs: output, links };
}

function paintLinks({ extent, output, kernel, stride, low, dilation }) {
  const links = range(extent).flatMap((from) => range(kernel).map((tap) => [from, from * stride + tap * dilation - low, tap]));
  return { kind: "shared weights", low: 0, high: 0, inputs: extent, outputs: output, links: links.filter(([, to]) => to >= 0 && to < output) };
}
