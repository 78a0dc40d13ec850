"""The script of a page: it filters the matrix and opens what a link leads to. Without it the page shows everything."""

SCRIPT = """
(() => {
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let closed = false;
    for (let at = target; at; at = at.parentElement)
      if (at.tagName === "DETAILS" && !at.open) { at.open = true; closed = true; }
    if (closed) target.scrollIntoView();
  };
  const bringFlagsIntoView = (inside) => {
    for (const lane of inside.querySelectorAll(".lanes .scroll")) {
      const flag = lane.querySelector(".flag");
      if (!flag) continue;
      const offset = flag.getBoundingClientRect().left - lane.getBoundingClientRect().left;
      if (offset > lane.clientWidth * 0.8) lane.scrollLeft += offset - lane.clientWidth / 2;
    }
  };
  for (const each of document.querySelectorAll("details.case"))
    each.addEventListener("toggle", () => bringFlagsIntoView(each), { once: true });
  bringFlagsIntoView(document);
  addEventListener("hashchange", reveal);
  reveal();

  const table = document.getElementById("matrix");
  const tools = document.getElementById("tools");
  if (!table || !tools) return;
  tools.hidden = false;
  const words = document.getElementById("words");
  const amiss = document.getElementById("amiss");
  const count = document.getElementById("count");
  const heads = [...table.tHead.rows[0].cells].slice(1, -1);
  const rows = [...table.tBodies[0].rows];
  const isFine = ["good", "unscored"];
  const is = (text, wanted) => text.toLowerCase().includes(wanted);
  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    const columns = heads.map((head) => !wanted || is(head.textContent, wanted));
    const anyColumn = !wanted || columns.some(Boolean);
    const byRow = rows.map((row) => !wanted || is(row.cells[0].textContent, wanted));
    const anyRow = byRow.some(Boolean);
    let shown = 0;
    const kept = rows.map((row, at) => {
      const fits = !(amiss.checked && row.hasAttribute("data-fine"));
      const inColumn = () => anyColumn && columns.some((on, i) => on && row.cells[i + 1].firstChild);
      return fits && (!wanted || byRow[at] || inColumn());
    });
    const keptColumns = heads.map((_, i) => {
      const cells = rows.filter((_, at) => kept[at]).map((row) => row.cells[i + 1]);
      const some = cells.some((cell) => cell.firstChild && !(amiss.checked && isFine.includes(cell.className)));
      return some && (!wanted || columns[i] || anyRow);
    });
    heads.forEach((head, i) => { head.hidden = !keptColumns[i]; });
    rows.forEach((row, at) => {
      row.hidden = !kept[at];
      keptColumns.forEach((on, i) => {
        row.cells[i + 1].hidden = !on;
        if (on && kept[at]) shown += row.cells[i + 1].children.length;
      });
    });
    count.textContent = shown + " of " + table.querySelectorAll("[data-row]").length + " rows";
  };
  words.addEventListener("input", filter);
  amiss.addEventListener("change", filter);
  filter();
})();
"""
