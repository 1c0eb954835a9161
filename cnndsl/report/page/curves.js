// The learning curves of a run: a chart for each measure, solid where it was trained, dashed where it was validated.

const CURVE = { wide: 560, tall: 190, left: 56, right: 14, top: 10, bottom: 28 };

function curvesOfNet() {
  const { run, epochs, panels } = data.curves;
  return [h("p", { class: "small soft" }, `${run}: ${count(epochs)} epoch${epochs === 1 ? "" : "s"}. Solid while it was trained, dashed on validation. Point at a curve to read it.`),
    panels.map((panel) => [h("h3", {}, panel.name), new Curve(panel).parts()])];
}

class Curve {
  constructor({ name, lines }) {
    this.name = name;
    this.lines = lines.map(([title, dashed, points]) => ({ title, dashed, points, at: new Map(points) }));
    this.epochs = [...new Set(this.lines.flatMap((line) => line.points.map(([epoch]) => epoch)))].sort((a, b) => a - b);
    const values = this.lines.flatMap((line) => line.points.map(([, value]) => value)).filter((value) => value !== null);
    [this.low, this.high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
    if (this.low === this.high) [this.low, this.high] = [this.low - (Math.abs(this.low) || 1) / 20, this.high + (Math.abs(this.high) || 1) / 20];
    this.note = h("p", { class: "small", "aria-live": "polite", "data-curve": name });
  }

  x(epoch) {
    const span = this.epochs.at(-1) - this.epochs[0];
    return CURVE.left + (span ? (epoch - this.epochs[0]) / span : 0.5) * (CURVE.wide - CURVE.left - CURVE.right);
  }

  y(value) {
    return CURVE.top + (1 - (value - this.low) / (this.high - this.low)) * (CURVE.tall - CURVE.top - CURVE.bottom);
  }

  parts() {
    this.cursor = s("line", { class: "at", y1: CURVE.top, y2: CURVE.tall - CURVE.bottom });
    const svg = s("svg", { class: "chart curve", viewBox: `0 0 ${CURVE.wide} ${CURVE.tall}`, role: "img", "aria-label": `${this.name} over the epochs` },
      this.axes(), this.lines.map((line) => this.line(line)), this.cursor);
    svg.addEventListener("pointermove", (event) => this.read(this.nearest(svg, event)));
    svg.addEventListener("pointerleave", () => this.read(this.epochs.at(-1)));
    this.read(this.epochs.at(-1));
    return [svg, this.note];
  }

  axes() {
    const across = steps(this.epochs[0], this.epochs.at(-1), 8).filter(Number.isInteger);
    return [
      steps(this.low, this.high, 4).flatMap((value) => [
        s("line", { class: "mesh", x1: CURVE.left, x2: CURVE.wide - CURVE.right, y1: this.y(value), y2: this.y(value) }),
        s("text", { x: CURVE.left - 6, y: this.y(value) + 4, "text-anchor": "end" }, figure(value))]),
      across.map((epoch) => s("text", { x: this.x(epoch), y: CURVE.tall - 10, "text-anchor": "middle" }, String(epoch))),
    ];
  }

  /** A curve, broken where the measure was not finite; points between breaks are dots. */
  line({ title, dashed, points }) {
    const known = points.filter(([, value]) => value !== null);
    const pieces = points.map(([epoch, value], index) => (value === null ? "" : `${index && points[index - 1][1] !== null ? "L" : "M"}${this.x(epoch).toFixed(1)} ${this.y(value).toFixed(1)}`));
    return s("g", { class: dashed ? "dashed" : "solid", "data-line": title },
      s("path", { d: pieces.join("") }), known.length < 30 ? known.map(([epoch, value]) => s("circle", { cx: this.x(epoch), cy: this.y(value), r: 2.5 })) : []);
  }

  nearest(svg, event) {
    const frame = svg.getBoundingClientRect();
    const at = ((event.clientX - frame.left) / frame.width) * CURVE.wide;
    return this.epochs.reduce((best, epoch) => (Math.abs(this.x(epoch) - at) < Math.abs(this.x(best) - at) ? epoch : best));
  }

  read(epoch) {
    for (const end of ["x1", "x2"]) this.cursor.setAttribute(end, this.x(epoch));
    const said = this.lines.filter((line) => line.at.has(epoch)).map((line) => `${line.title} ${line.at.get(epoch) === null ? "not finite" : figure(line.at.get(epoch))}`);
    this.note.textContent = `epoch ${epoch}: ${said.join(", ")}`;
  }
}

/** About so many round numbers (1, 2 or 5 times a power of ten apart) from low to high. */
function steps(low, high, many) {
  if (low === high) return [low];
  const power = 10 ** Math.floor(Math.log10((high - low) / many));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => (high - low) / each <= many);
  return range(Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1).map((index) => Number(((Math.ceil(low / step - 1e-9) + index) * step).toPrecision(12)));
}

/** A measure with four digits: 0.9712, 1.2e-7. */
function figure(value) {
  return Number(value.toPrecision(4)).toString();
}
