// The lecture's demonstration: a window slides over a small grid, step by step, and every sum is written out.

class Slide extends Stepper {
  constructor(layer) {
    const weighs = layer.gathers === "weights" || layer.gathers === "distance";
    const axes = windowsDrawn(layer).map(small);
    const channels = (layers[layer.from[0]].out.at(-1) ?? 1) / (layer.groups || 1);
    super(layer, axes, weighs ? Math.min(channels, product(axes.map((axis) => axis.kernel)) <= 25 ? 3 : 1) : 1);
    this.weighs = weighs;
    this.gathers = layer.gathers;
    this.more = weighs ? channels - this.depth : 0;
    this.steps = product(axes.map((axis) => axis.output));
    this.fill();
  }

  fill() {
    super.fill(0, this.weighs ? 2 : 9, this.weighs);
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

  lead() {
    const own = this.layer.windows, same = (list) => (new Set(list).size === 1 ? list[0] : list.join("x"));
    const column = (index) => same(own.map((window) => window[index]));
    const pads = same(own.map((window) => (window[4] === window[5] ? window[4] : `${window[4]}+${window[5]}`)));
    const dilated = own.some((window) => window[6] > 1) ? `, dilation ${column(6)}` : "";
    const more = this.more > 0 ? ` ${count(this.more)} more channels are summed in the same way.` : "";
    const flat = own.length === 3 ? " Of the three axes the last two are shown." : "";
    return `This layer's own window on a small grid: kernel ${column(2)}, stride ${column(3)}, padding ${pads}${dilated}.${more}${flat}`;
  }

  draw() {
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

  result(place) {
    const [down, across] = this.axes;
    return matrix("output", down.output, across.output, (row, column) => {
      const step = row * across.output + column;
      const state = step === this.step ? "now" : step < this.step ? "in" : "todo";
      return [neat(this.value([row, column])), `pick ${state}`, () => this.go(step)];
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
    const end = [...reads.map((part) => neat(part.sum)), ...(this.layer.biased && this.gathers === "weights" ? [`${neat(this.bias)} (bias)`] : [])].join(" + ");
    return h("div", { class: "sum" }, lines, h("div", {}, `${end} = `, total));
  }
}
