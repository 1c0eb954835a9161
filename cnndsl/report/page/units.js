// Who feeds whom: the units of one layer along one axis, sparse and with shared weights, or as if fully connected.

const TAPS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#857b00"];

function unitsOf(layer) {
  if (!layer.from.length) return h("p", { class: "soft" }, "An input is fed by nothing.");
  return new Units(layer).parts();
}

class Units {
  constructor(layer) {
    this.layer = layer;
    this.window = layer.windows ? small(windowsDrawn(layer)[1]) : null;
    this.dense = !this.window;
    this.inputs = this.window ? this.window.extent : Math.min(product(layers[layer.from[0]].out), 7);
    this.outputs = this.window ? this.window.output : Math.min(product(layer.out), 5);
    this.body = h("div");
    this.note = h("p", { class: "small", "aria-live": "polite" }, "\u00a0");
  }

  /** The links as [input, output, tap]; of a fully connected layer every pair has a weight of its own. */
  links() {
    if (this.dense) return range(this.outputs).flatMap((to) => range(this.inputs).map((from) => [from, to, to * this.inputs + from]));
    const { kernel, stride, low, dilation } = this.window;
    return range(this.outputs).flatMap((to) => range(kernel).map((tap) => [to * stride + tap * dilation - low, to, tap]));
  }

  parts() {
    const choices = this.window ? [["shared weights", false], ["fully connected", true]].map(([name, dense]) => {
      const button = h("button", { type: "button", "aria-pressed": String(this.dense === dense), "data-dense": String(dense), onclick: () => {
        this.dense = dense;
        for (const other of button.parentNode.children) other.setAttribute("aria-pressed", String(other === button));
        this.draw();
      } }, name);
      return button;
    }) : [];
    this.draw();
    return [
      h("p", { class: "small soft" }, `${this.layer.path} along one axis${this.window ? "" : ", some of its units"}: inputs below, units above. Point at a line to see all uses of its weight, at a unit to see what feeds it.`),
      h("div", { class: "row" }, choices), this.body, this.note, this.counts(),
    ];
  }

  draw() {
    const low = this.window && !this.dense ? this.window.low : 0, high = this.window && !this.dense ? this.window.high : 0;
    const many = this.inputs + low + high;
    const wide = Math.max(many * 44, 200), tall = 190;
    const x = (place) => ((place + low + 0.5) * wide) / many;
    const top = (place) => ((place + 0.5) * wide) / this.outputs;
    this.lines = this.links().filter(([from]) => from >= -low && from < this.inputs + high).map(([from, to, tap]) => ({ from, to, tap, ...this.line(x(from), top(to), tap, tall) }));
    const point = (at, y, place, kind, pad) => s("circle", { cx: at, cy: y, r: Math.min(11, wide / many / 2.6), class: pad ? "pad" : "", "data-kind": kind, "data-place": place,
      onpointerenter: () => this.light((line) => (kind === "unit" ? line.to : line.from) === place, this.said(kind, place)), onpointerleave: () => this.dark() });
    const cells = range(many).map((index) => point(x(index - low), tall - 26, index - low, "cell", index < low || index >= low + this.inputs));
    const units = range(this.outputs).map((place) => point(top(place), 26, place, "unit", false));
    this.body.replaceChildren(s("svg", { class: "wires chart", id: "wires", viewBox: `0 0 ${wide} ${tall}` },
      this.lines.flatMap((line) => [line.thin, line.thick]), cells, units,
      s("text", { x: wide / 2, y: 10 }, "units"), s("text", { x: wide / 2, y: tall - 4 }, low + high ? "inputs, padding dashed" : "inputs")));
  }

  line(x1, x2, tap, tall) {
    const ends = { x1, y1: tall - 26, x2, y2: 26 };
    const thin = s("line", { ...ends, "data-tap": tap });
    if (!this.dense && this.layer.gathers === "weights") thin.style.stroke = TAPS[tap % TAPS.length];
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

  uses(tap) {
    const uses = this.lines.filter((line) => line.tap === tap).length;
    const what = this.layer.gathers === "weights" || this.dense ? "weight" : "place in the window";
    return `This ${what} is used ${uses === 1 ? "once" : `${uses} times`} here.`;
  }

  said(kind, place) {
    const own = this.lines.filter((line) => (kind === "unit" ? line.to : line.from) === place).length;
    return kind === "unit" ? `This unit reads ${own} of the ${this.inputs} inputs.` : `This input feeds ${own} of the ${this.outputs} units.`;
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
