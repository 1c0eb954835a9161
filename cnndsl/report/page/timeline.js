// The memory over the time of a run: what is there always, what comes and goes, where the peak is.

function memoryOverTime() {
  const memory = data.memory;
  if (memory.missing) return h("p", { class: "notice" }, `No timeline: ${memory.missing}. `, ...memory.helps);
  return [
    h("p", { class: "soft small" }, memory.title),
    memory.usages.map((usage) => [h("h3", {}, `${usage.purpose}: peak ${bytes(usage.peak)}`), timeline(usage), h("p", { class: "small soft" }, usage.described)]),
    h("h3", {}, "In all"),
    facts(memory.facts),
  ].flat(3);
}

function facts(pairs) {
  return h("table", { class: "facts" }, h("tbody", {}, pairs.map(([name, text]) => h("tr", {}, h("td", {}, name), h("td", {}, text)))));
}

const WIDE = 560, TALL = 150, EDGE = 14;

function timeline(usage) {
  const moments = usage.moments;
  const x = (time) => (moments.length > 1 ? (time / moments.length) * WIDE : 0);
  const y = (size) => EDGE + (1 - size / usage.peak) * (TALL - EDGE);
  const steps = moments.map(([, , size], time) => `H${x(time).toFixed(1)}V${y(size).toFixed(1)}`).join("");
  const peak = moments.findIndex(([, , size]) => size === usage.peak);
  const cursor = s("line", { class: "at", y1: EDGE, y2: TALL, visibility: "hidden" });
  const note = h("p", { class: "small", "aria-live": "polite" }, "\u00a0");
  const chart = s("svg", { class: "chart", viewBox: `0 0 ${WIDE} ${TALL + 16}`, role: "img", "aria-label": `memory of ${usage.purpose} over time` },
    s("path", { class: "area", d: `M0 ${TALL}${steps}H${WIDE}V${TALL}Z` }),
    s("rect", { class: "fixed", x: 0, y: y(usage.fixed), width: WIDE, height: TALL - y(usage.fixed) }),
    s("line", { class: "peak", x1: x(peak + 0.5), x2: x(peak + 0.5), y1: 4, y2: TALL }),
    s("text", { x: 4, y: Math.min(y(usage.fixed) + 13, TALL - 4) }, `parameters ${bytes(usage.fixed)}`),
    starts(usage).map(([phase, time]) => s("text", { x: x(time) + 2, y: TALL + 12 }, phase)), cursor);
  const moment = (event) => {
    const frame = chart.getBoundingClientRect();
    return clamp(Math.floor(((event.clientX - frame.left) / frame.width) * moments.length), 0, moments.length - 1);
  };
  chart.addEventListener("pointermove", (event) => {
    const time = moment(event);
    const [phase, layer, size] = moments[time];
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(time + 0.5));
    cursor.setAttribute("visibility", "visible");
    note.textContent = `${layers[layer]?.path ?? "the"} (${usage.phases[phase]}): ${bytes(size)}`;
  });
  chart.addEventListener("click", (event) => choose(moments[moment(event)][1], "memory"));
  return [chart, note];
}

/** Where the run forward and the run backward begin. */
function starts(usage) {
  return usage.phases.map((phase, number) => [phase, usage.moments.findIndex((moment) => moment[0] === number)])
    .filter(([phase]) => phase === "forward" || phase === "backward");
}
