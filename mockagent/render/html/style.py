"""How a page looks: light and dark, on a wide screen, on a phone and on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --raised: #f5f7f9; --link: #0b5cad;
  --good: #116b2f; --good-ground: #dcf3e2; --bad: #b3141c; --bad-ground: #fde3e3;
  --warned: #7d4e00; --warned-ground: #fdf0cd; --open: #5b3da8; --open-ground: #ece5fb;
  --unscored: #59636e; --unscored-ground: #edf0f3; --ours: #8a1c7c; --ours-ground: #fae0f5;
  --server: #0b5cad; --client: #ad4a00; --user: #fbd9b5; --thinking: #e4e0f7; --speaking: #cbe2fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e5e9ee; --soft: #9da7b3; --line: #343c46; --raised: #1c2229; --link: #79b8ff;
    --good: #6fdd8b; --good-ground: #12351f; --bad: #ff9a96; --bad-ground: #4a1618;
    --warned: #f0c45c; --warned-ground: #3d2e08; --open: #c3adff; --open-ground: #2d2250;
    --unscored: #9da7b3; --unscored-ground: #252c34; --ours: #f3a1e6; --ours-ground: #451540;
    --server: #79b8ff; --client: #ffa763; --user: #5a3513; --thinking: #35305a; --speaking: #173f66;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 90rem; padding: 1.5rem clamp(.8rem, 3vw, 2.5rem) 4rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .8rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre, .number { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em; }
code, pre, dd, p, li, summary { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: var(--raised); border: 1px solid var(--line); padding: .6rem;
  border-radius: 6px; }
nav { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin: 1rem 0 0; }
.outcome { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1rem; margin: 0 0 .8rem; }
.outcome strong { font-size: 1.1rem; padding: .25rem .8rem; border-radius: 6px; border: 1px solid; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .6rem 0; padding: 0; list-style: none; }
.chip { display: inline-block; padding: .05rem .5rem; border-radius: 999px; font-size: .82rem; font-weight: 600;
  border: 1px solid; white-space: nowrap; }
.chip i { font-style: normal; }
.tag { display: inline-block; padding: 0 .45rem; border: 1px solid var(--line); border-radius: 4px; font-size: .82rem;
  background: var(--raised); }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.warned, .stale { color: var(--warned); background: var(--warned-ground); }
.open { color: var(--open); background: var(--open-ground); }
.unscored { color: var(--unscored); background: var(--unscored-ground); }
.ours { color: var(--ours); background: var(--ours-ground); }
.about { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .8rem 0; }
.about dt, .finding dt { color: var(--soft); }
.about dd, .finding dd { margin: 0; min-width: 0; }
.soft { color: var(--soft); }
table { border-collapse: collapse; }
.legend { width: 100%; max-width: 52rem; }
.legend th, .legend td { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
.legend thead th { font-size: .82rem; color: var(--soft); font-weight: 500; }
td.number { text-align: right; white-space: nowrap; }
.finding { border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; margin: .8rem 0; }
.finding:target, tr:target { outline: 2px solid var(--link); outline-offset: -1px; }
.finding dl { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .2rem .8rem; margin: 0; }
.finding .rows { margin: 0; padding-left: 1.1rem; max-height: 14rem; overflow: auto; }
.scroll { overflow: auto; max-width: 100%; }
.matrix { max-height: 80vh; border: 1px solid var(--line); border-radius: 8px; }
.matrix table { border-collapse: separate; border-spacing: 0; width: 100%; }
.matrix caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.matrix th, .matrix td { border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.matrix thead th, .matrix thead td {
  position: sticky; top: 0; z-index: 2; background: var(--raised); vertical-align: bottom;
  padding: .4rem .1rem;
  font-size: .78rem; font-weight: 500; }
.matrix thead a { display: block; text-decoration: none; color: inherit; margin: 0 auto; width: 1.4rem; }
.matrix thead a:hover { text-decoration: underline; }
.matrix thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 15rem; overflow: hidden;
  white-space: nowrap; }
.matrix tbody th { position: sticky; left: 0; z-index: 1; background: var(--raised); text-align: left;
  font-weight: 400;
  padding: .2rem .6rem; max-width: 30rem; min-width: 19rem; }
.matrix tbody th b { font-weight: 600; margin-right: .5rem; }
.matrix thead .corner { left: 0; z-index: 3; text-align: left; padding: .4rem .6rem; }
.matrix small { color: var(--soft); font-size: .78rem; }
.matrix .keyword { margin-right: .5rem; }
.matrix .sentence { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix td { text-align: center; padding: 0; min-width: 1.9rem; }
.matrix td a { display: block; padding: .45rem .2rem; color: inherit; text-decoration: none; font-weight: 600;
  white-space: nowrap; }
.matrix td a:hover { text-decoration: underline; }
.matrix .fill { width: 100%; border-right: 0; min-width: 0; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; margin: 0 0 .7rem; }
.tools[hidden] { display: none; }
.tools input[type=search] { font: inherit; padding: .3rem .6rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--paper);
  color: inherit; width: min(20rem, 100%); }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--link); }
.case { border: 1px solid var(--line); border-radius: 8px; padding: .2rem 1rem; margin: .6rem 0; }
.case > summary { color: inherit; padding: .45rem 0; font-weight: 600; }
.case > summary .chip { margin-left: .3rem; }
.case:target { outline: 2px solid var(--link); }
.timeline { margin: .6rem 0; }
.lanes { display: flex; }
.lanes .scroll { flex: 1 1 0; min-width: 0; border: 1px solid var(--line); border-radius: 6px; }
.lanes svg { display: block; flex: none; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
svg text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.floor { stroke: none; }
svg a { text-decoration: none; }
svg a:hover text { text-decoration: underline; }
.gutter text, .at { fill: var(--soft); }
.at { text-anchor: middle; font-size: 10px; }
.tick { stroke: var(--line); fill: none; }
.stem { fill: none; stroke-width: 1.5; }
.stem.server { stroke: var(--server); }
.stem.client { stroke: var(--client); }
rect.server { fill: var(--server); }
rect.client { fill: var(--client); }
rect.user { fill: var(--user); }
rect.thinking, rect.replying { fill: var(--thinking); }
rect.speaking { fill: var(--speaking); }
.floor { pointer-events: none; font-size: 10.5px; }
.flag path { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 2; fill: none; }
.flag text { fill: var(--bad); font-weight: 700; }
td.server { color: var(--server); }
td.client { color: var(--client); }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem; color: var(--soft);
  margin: .4rem 0 .8rem; padding: 0; list-style: none; }
.key svg { vertical-align: -2px; margin-right: .35rem; }
.events .scroll { max-height: 60vh; border: 1px solid var(--line); border-radius: 6px; }
.events table { width: 100%; font-size: .86rem; }
.events th, .events td { text-align: left; padding: .15rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.events td.number, .events th:nth-child(-n+2) { text-align: right; }
.events thead th { position: sticky; top: 0; background: var(--raised); }
.events td:last-child { overflow-wrap: anywhere; min-width: 14rem; }
.events th:nth-child(-n+3) { width: 1%; }
.events .flagged td { background: var(--bad-ground); }
.events .gap td { color: var(--soft); text-align: center; font-style: italic; }
.found { display: block; color: var(--bad); }
footer { margin-top: 3rem; color: var(--soft); font-size: .86rem; }
@media (max-width: 640px) {
  h1 { font-size: 1.3rem; }
  .matrix tbody th { min-width: 6.4rem; max-width: 6.4rem; padding: .2rem .4rem; overflow-wrap: anywhere; }
  .matrix tbody th b { font-size: .86rem; margin: 0; }
  .matrix .sentence { display: none; }
  .matrix .keyword { display: block; }
  .finding { padding: .7rem .8rem; }
  .finding dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .finding dt { margin-top: .35rem; font-size: .82rem; }
  .about { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .about dt { margin-top: .35rem; font-size: .82rem; }
  .case { padding: .2rem .6rem; }
}
@media print {
  .scroll, .matrix, .finding .rows, .events .scroll { max-height: none; overflow: visible; }
  .tools, nav { display: none; }
}
"""
