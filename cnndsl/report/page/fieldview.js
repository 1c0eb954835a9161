// What a unit sees: the square over the input follows the pointer, and the units that the cell feeds light up.

function fieldOf(layer) {
  const seen = seenBy(layer);
  if (!seen.length || !layer.from.length) return h("p", { class: "soft" }, layer.from.length ? "No input reaches this layer." : "This is the input: every cell sees itself.");
  const open = [...layer.out, ...seen.flatMap((each) => each.extents)].includes(null);
  const lead = h("p", { class: "small soft" }, `Field ${layer.field || "?"}${layer.jump ? `, jump ${layer.jump}` : ""}. Move over the input, or over the units of ${layer.path}.`);
  if (open) return [lead, h("p", { class: "notice" }, "Extents of this net are open (?): a report with --input draws it.")];
  const sketch = new FieldSketch(layer, seen);
  return [lead, sketch.figure, sketch.slider, sketch.readout].filter(Boolean);
}

class FieldSketch {
  constructor(layer, seen) {
    this.layer = layer;
    this.seen = seen;
    this.unit = layer.out.slice(0, -1).map((extent) => Math.floor((extent - 1) / 2));
    this.inputs = seen.map((each) => this.inputOf(each));
    this.output = new Plane(layer.out.length > 1 ? layer.out.slice(0, -1) : [1], 0.4, `units of ${layer.path}`);
    this.output.svg.id = "field-output";
    this.output.svg.addEventListener("pointermove", (event) => this.overOutput(event));
    this.figure = h("div", { class: "views" },
      this.inputs.map((plane, number) => h("figure", { class: "view wide" }, h("figcaption", {}, `${seen[number].name} ${size(data.inputs[seen[number].name].size)}`), plane.svg)),
      h("figure", { class: "view" }, h("figcaption", {}, `${layer.path} ${size(layer.out)}`), this.output.svg));
    this.slider = this.depth();
    this.readout = h("div", { class: "readout", id: "field-readout", "aria-live": "polite" });
    this.draw();
  }

  inputOf(each) {
    const reach = each.axes.map((axis) => bounds(axis, this.unit)).filter(Boolean).map(([low, high]) => high - low + 1);
    const longest = Math.max(...each.extents, 1);
    const plane = new Plane(each.extents.length ? each.extents : [1], Math.min(Math.max(longest * 0.06, 0.5) + Math.max(...reach, 0) / 2, longest * 0.45), `input ${each.name}`);
    plane.svg.dataset.input = each.name;
    const address = addressOf(each.extents);
    if (address) plane.paint(address);
    plane.svg.addEventListener("pointermove", (event) => this.overInput(event, each, plane));
    return plane;
  }

  /** A slider for the axis of a clip that is not drawn. */
  depth() {
    const extents = this.layer.out.slice(0, -1);
    if (extents.length < 3) return null;
    const input = h("input", { type: "range", min: 0, max: extents[0] - 1, value: this.unit[0], "aria-label": "depth of the unit" });
    input.addEventListener("input", () => { this.unit[0] = Number(input.value); this.draw(); });
    return h("label", { class: "row small" }, "depth of the unit", input);
  }

  overOutput(event) {
    const cell = this.output.cell(event);
    this.unit = this.unit.map((place, axis) => cell[axis] ?? place);
    this.draw();
  }

  overInput(event, each, plane) {
    const cell = plane.cell(event).slice(0, each.extents.length);
    const depth = this.unit[0];
    this.unit = unitNear(this.layer, each, cell);
    if (this.slider) this.unit[0] = depth;
    this.draw();
    const full = cell.map((place, axis) => place ?? centreCell(each.axes[axis], this.unit));
    const fed = each.extents.length ? fedBy(this.layer, each, full) : null;
    plane.box(full.map((place) => [place, place]), { class: "cell" });
    if (fed && fed.length) this.output.box(fed, { class: "fed", id: "field-fed", "data-units": fed.map((pair) => pair.join("..")).join(",") });
    const number = fed ? product(fed.map(([low, high]) => high - low + 1)) : 0;
    this.readout.append(h("p", { class: "small soft" }, `The fields of ${count(number)} of ${count(product(this.layer.out.slice(0, -1)))} units reach over cell ${full.join(",")}.`));
  }

  draw() {
    this.output.clear();
    if (this.unit.length) this.output.box(this.unit.map((place) => [place, place]), { class: "unit" });
    const lines = this.seen.map((each, number) => {
      const plane = this.inputs[number];
      const field = each.axes.map((axis) => bounds(axis, this.unit));
      plane.clear();
      if (each.axes.some(unknown)) return h("p", {}, `${each.name}: the field is too irregular to draw; cnnc rf lists its cells`);
      this.loose(each, plane);
      plane.box(field, { class: "square", "data-input": each.name, "data-unit": this.unit.join(","), "data-field": field.map((pair) => pair?.join("..") ?? "whole").join(",") });
      return this.told(each, field);
    });
    this.readout.replaceChildren(...lines);
  }

  /** Beside the whole that an attention sees, its local field, dashed. */
  loose(each, plane) {
    const local = each.axes.map((axis) => (axis[2] && axis[1] !== null && axis[4].length ? ends(axis, this.unit[axis[1]]) : null));
    if (local.some(Boolean)) plane.box(local, { class: "square loose" });
  }

  told(each, field) {
    const names = NAMES[each.extents.length] ?? [];
    const unit = this.unit.length ? `Unit ${this.unit.join(",")}` : "Every unit";
    if (!field.length || field.every((pair) => !pair)) return h("p", {}, h("b", {}, unit), ` sees the whole ${each.name}.`);
    const sides = field.map((pair, axis) => (pair ? `${names[axis]} ${pair[0]}..${pair[1]}` : `the whole ${names[axis]}`));
    const box = product(field.map((pair, axis) => (pair ? pair[1] - pair[0] + 1 : each.extents[axis])));
    const inside = product(field.map((pair, axis) => (pair ? Math.max(Math.min(pair[1], each.extents[axis] - 1) - Math.max(pair[0], 0) + 1, 0) : each.extents[axis])));
    const shape = field.map((pair, axis) => (pair ? pair[1] - pair[0] + 1 : each.extents[axis])).join("x");
    return h("p", {}, h("b", {}, unit), ` sees ${sides.join(", ")} of ${each.name}: `, h("b", {}, shape),
      box > inside ? `, of which ${count(box - inside)} of ${count(box)} cells lie beyond the border.` : ".");
  }
}

function centreCell(axis, unit) {
  const found = bounds(axis, unit);
  return found ? clamp(Math.round((found[0] + found[1]) / 2), 0, axis[0] - 1) : 0;
}
