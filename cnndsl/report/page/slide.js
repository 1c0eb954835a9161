// The lecture's demonstration: a window slides over a small grid, step by step, and every sum is written out.

function slideOf(layer) {
  if (!layer.windows) return noWindow(layer);
  return new Slide(layer).parts();
}

function noWindow(layer) {
  const near = layers.filter((other) => other.windows).sort((a, b) => Math.abs(a.index - layer.index) - Math.abs(b.index - layer.index))[0];
  return [h("p", {}, `No window slides in ${layer.path}.`),
    near ? h("p", { class: "row" }, h("span", { class: "soft" }, "The nearest layer with one:"), h("button", { type: "button", onclick: () => choose(near.index) }, near.path)) : null];
}

class Slide {
  constructor(layer) {
    this.layer = layer;
    this.gathers = layer.gathers;
    this.axes = windowsDrawn(layer).map(small);
    this.weighs = this.gathers === "weights" || this.gathers === "distance";
    const channels = (layers[layer.from[0]].out.at(-1) ?? 1) / (layer.groups || 1);
    const area = product(this.axes.map((axis) => axis.kernel));
    this.depth = this.weighs ? Math.min(channels, area <= 25 ? 3 : 1) : 1;
    this.more = this.weighs ? channels - this.depth : 0;
    this.steps = product(this.axes.map((axis) => axis.output));
    this.step = 0;
    this.seed = layer.index + 1;
    this.body = h("div");
    this.fill();
  }

  /** New numbers in the grids. */
  fill() {
    const roll = dice(this.seed);
    const [down, across] = this.axes;
    this.grids = range(this.depth).map(() => range(down.extent).map(() => range(across.extent).map(() => roll(0, this.weighs ? 2 : 9))));
    this.weights = range(this.depth).map(() => range(down.kernel * across.kernel).map(() => (this.weighs ? roll(-1, 1) : 0)));
    this.bias = this.layer.biased ? roll(0, 1) : 0;
  }

  place() {
    return [Math.floor(this.step / this.axes[1].output), this.step % this.axes[1].output];
  }

  /** Of each channel: the cells of the window at a place, and what they come to. */
  reads(place) {
    return this.grids.map((grid, channel) => {
      const cells = cellsAt(this.axes, grid, place, this.gathers);
      return { cells, sum: gather(this.gathers, cells, this.weights[channel], 0) };
    });
  }

  value(place) {
    const parts = this.reads(place).map((part) => part.sum);
    return this.weighs ? parts.reduce((total, part) => total + part, this.bias) : parts[0];
  }

  parts() {
    const go = (step) => { this.step = (step + this.steps) % this.steps; this.draw(); };
    this.slider = h("input", { type: "range", id: "slide-step", min: 0, max: this.steps - 1, value: 0, "aria-label": "step" });
    this.slider.addEventListener("input", () => go(Number(this.slider.value)));
    const play = h("button", { type: "button", id: "slide-play" }, "▶ play");
    play.addEventListener("click", () => {
      if (this.timer) { clearInterval(this.timer); this.timer = null; } else this.timer = setInterval(() => (this.body.isConnected ? go(this.step + 1) : clearInterval(this.timer)), 900);
      play.textContent = this.timer ? "❚❚ pause" : "▶ play";
    });
    const buttons = [
      h("button", { type: "button", id: "slide-back", onclick: () => go(this.step - 1), "aria-label": "step back" }, "‹"), play,
      h("button", { type: "button", id: "slide-next", onclick: () => go(this.step + 1), "aria-label": "next step" }, "›"), this.slider,
      h("button", { type: "button", id: "slide-dice", onclick: () => { this.seed += 97; this.fill(); this.draw(); } }, "other numbers"),
    ];
    this.draw();
    return [this.lead(), h("div", { class: "row" }, buttons), this.body];
  }

  lead() {
    const own = this.layer.windows, same = (list) => (new Set(list).size === 1 ? list[0] : list.join("x"));
    const column = (index) => same(own.map((window) => window[index]));
    const pads = same(own.map((window) => (window[4] === window[5] ? window[4] : `${window[4]}+${window[5]}`)));
    const dilated = own.some((window) => window[6] > 1) ? `, dilation ${column(6)}` : "";
    const more = this.more > 0 ? ` ${count(this.more)} more channels are summed in the same way.` : "";
    const flat = own.length === 3 ? " Of the three axes the last two are shown." : "";
    return h("p", { class: "small soft" }, `This layer's own window on a small grid: kernel ${column(2)}, stride ${column(3)}, padding ${pads}${dilated}.${more}${flat}`);
  }

  draw() {
    this.slider.value = this.step;
    const place = this.place(), reads = this.reads(place);
    const channels = reads.map((part, channel) => h("div", { class: "grids" },
      this.grid(`input${this.depth > 1 ? `, channel ${channel}` : ""}`, channel, part.cells),
      h("div", { class: "row" }, this.weighs ? this.kernel(channel) : null, channel === 0 ? this.result(place) : null)));
    this.body.replaceChildren(...channels, this.sum(reads, place));
  }

  grid(title, channel, cells) {
    const [down, across] = this.axes;
    const read = new Set(cells.map((cell) => `${cell.y},${cell.x}`));
    const padded = ZERO[this.gathers] === null ? "" : "0";
    return matrix(title, down.extent + down.low + down.high, across.extent + across.low + across.high, (row, column) => {
      const y = row - down.low, x = column - across.low;
      const value = this.grids[channel][y]?.[x];
      return [value === undefined ? padded : neat(value), `${value === undefined ? "pad" : ""}${read.has(`${y},${x}`) ? " win" : ""}`];
    });
  }

  kernel(channel) {
    const [down, across] = this.axes;
    return matrix(channel === 0 && this.layer.biased ? `filter, bias ${this.bias}` : "filter", down.kernel, across.kernel,
      (row, column) => [neat(this.weights[channel][row * across.kernel + column]), "tap"]);
  }

  result(place) {
    const [down, across] = this.axes;
    return matrix("output", down.output, across.output, (row, column) => {
      const step = row * across.output + column;
      const state = step === this.step ? "now" : step < this.step ? "in" : "todo";
      return [neat(this.value([row, column])), `pick ${state}`, () => { this.step = step; this.draw(); }];
    }, "slide-output");
  }

  /** The sum of one step, written out. */
  sum(reads, place) {
    const total = h("b", { id: "slide-value" }, neat(this.value(place)));
    if (!this.weighs) {
      const values = reads[0].cells.filter((cell) => cell.value !== null).map((cell) => neat(cell.value));
      return h("p", { class: "sum" }, `${this.gathers} of ${values.join(", ")} = `, total);
    }
    const term = this.gathers === "weights" ? (cell, weight) => `${neat(cell.value)}·${neat(weight)}` : (cell, weight) => `(${neat(cell.value)} − ${neat(weight)})²`;
    const lines = reads.map((part, channel) => h("div", {}, part.cells.map((cell, index) => term(cell, this.weights[channel][index])).join(" + "), ` = ${neat(part.sum)}`));
    const end = [...reads.map((part) => neat(part.sum)), ...(this.layer.biased && this.gathers === "weights" ? [`${this.bias} (bias)`] : [])].join(" + ");
    return h("div", { class: "sum" }, lines, h("div", {}, `${end} = `, total));
  }
}

/** A grid of numbers; `cell(row, column)` gives text, class and what a click does. */
function matrix(title, down, across, cell, id = null) {
  const letters = Math.max(...range(down * across).map((index) => cell(Math.floor(index / across), index % across)[0].length));
  const side = letters > 2 ? 10 + 7 * letters : Math.max(down, across) > 14 ? 18 : 24;
  const shapes = range(down).flatMap((row) => range(across).flatMap((column) => {
    const [text, kind, onclick] = cell(row, column);
    const box = s("rect", { x: column * side, y: row * side, width: side, height: side, class: kind, onclick, "data-at": `${row},${column}` });
    return [box, s("text", { x: (column + 0.5) * side, y: (row + 0.5) * side }, text)];
  }));
  return h("figure", {}, h("figcaption", { class: "caption" }, title),
    s("svg", { class: "grid", id, width: across * side + 2, height: down * side + 2, viewBox: `-1 -1 ${across * side + 2} ${down * side + 2}` }, shapes));
}
