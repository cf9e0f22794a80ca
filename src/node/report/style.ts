/** The look of the report: one typeface, tabular figures, light and dark, phones and paper. On phones tables stand closer; wider ones scroll under their first column. @module */
export const style = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #e3e6ea; --paper: #fff; --cell: 59 120 194; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #98a2b3; --line: #2c333d; --paper: #14181d; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 860px; margin: 0 auto; padding: 40px 20px 80px; }
h1 { font-size: 28px; font-weight: 650; margin: 0 0 24px; } h2 { font-size: 18px; font-weight: 600; margin: 48px 0 16px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 16px; margin: 0; }
.facts div { border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.facts dd { margin: 0; font-size: 24px; font-weight: 600; } .facts dt { color: var(--soft); font-size: 13px; }
section > div, section { overflow-x: auto; } figure > svg, section > svg { max-width: 100%; height: auto; } figure { margin: 0 0 12px; } figcaption { color: var(--soft); font-size: 12px; text-align: center; }
table { border-collapse: collapse; } th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } td:first-child, th:first-child { text-align: left; }
.confusion td { text-align: center; border: 2px solid var(--paper); min-width: 28px; padding: 6px; border-radius: 4px; }
.row, .sheet { display: flex; flex-wrap: wrap; gap: 14px; } .sheet figure { width: 66px; } .filters figure { width: 56px; } .filters { gap: 12px; } h3 { font-size: 14px; font-weight: 500; color: var(--soft); } .sheet svg { width: 100%; display: block; border-radius: 4px; } .sheet image { image-rendering: pixelated; }
.sheet + .sheet { margin-top: 10px; } .samples .sheet { gap: 6px; } .samples figure { width: 48px; margin: 0; }
.narrow { display: none; } section { position: relative; } .settings td { white-space: normal; overflow-wrap: anywhere; text-align: left; } .settings td:first-child { color: var(--soft); white-space: nowrap; }
td:first-child, th:first-child { position: sticky; left: 0; background: var(--paper); }
@media (max-width: 700px) {
  .wide { display: none; } .narrow { display: block; }
  main { padding: 24px 16px 60px; } h1 { font-size: 24px; overflow-wrap: anywhere; } h2 { margin-top: 36px; } .facts { grid-template-columns: repeat(2, 1fr); gap: 10px; } .facts div { overflow-wrap: anywhere; }
  table { font-size: 13px; } th, td { padding: 4px 6px; } th { white-space: normal; vertical-align: bottom; } .settings td:first-child { white-space: normal; min-width: 84px; vertical-align: top; }
  .confusion td { min-width: 18px; padding: 4px 2px; font-size: 12px; } .confusion th { padding: 4px 2px; font-size: 12px; } .confusion thead th:first-child { max-width: 60px; }
}
`;
