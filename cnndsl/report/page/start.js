// The page begins: what stands in the head, which tabs there are, and the first layer.

function startHead() {
  byId("doc").textContent = data.doc ?? "";
  const ends = (side) => Object.values(data[side]).map((end) => size(end.size)).join(", ");
  const peak = data.memory.usages?.[1].peak;
  const chips = [[`${ends("inputs")} → ${ends("outputs")}`, "from input to output"], [count(data.totals.params), "parameters"], [count(data.totals.macs), "MACs an example"], [count(layers.length), "layers"]];
  if (peak) chips.push([bytes(peak), "to train, batch 1"]);
  byId("chips").append(...chips.map(([value, what]) => h("li", {}, h("b", {}, value), h("span", {}, what))));
}

function startTabs() {
  tab("net", "table", "Table", tableOfLayers, { flush: true });
  tab("net", "source", data.diagnostics.length ? `Source (${data.diagnostics.length})` : "Source", textOfNet);
  tab("net", "bars", "Bars", barsOfLayers);
  tab("net", "memory", "Memory", memoryOverTime);
  tab("net", "volumes", "Volumes", volumesOfNet);
  tab("layer", "formulas", "Formulas", formulasOf);
  tab("layer", "field", "Receptive field", fieldOf);
  tab("layer", "slide", "Step by step", slideOf);
  tab("layer", "units", "Units", unitsOf);
  if (data.curves?.epochs) tab("net", "curves", "Curves", curvesOfNet);
  if (data.learned) {
    tab("net", "scores", "Scores", scoresOfNet);
    tab("layer", "filters", "Filters", filtersOf);
    tab("layer", "activations", "Activations", activationsOf);
    if (data.learned.best) tab("layer", "best", "Best inputs", bestOf);
    if (data.learned.moved) tab("layer", "moved", "Equivariance", movedOf);
  }
}

function start() {
  startTheme();
  startKeys();
  if (!layers.length) {
    document.documentElement.classList.add("plain");
    byId("doc").textContent = "This file does not check.";
    tab("net", "source", "Source", textOfNet);
    buildTabs();
    return;
  }
  startHead();
  startTabs();
  buildTabs();
  follow(titleOf);
  startDiagram();
  startSearch();
  addEventListener("hashchange", () => choose(first()));
  choose(first(), "start");
}

start();
if (data.version) startLive();
