/**
 * The style of the sections in sections.ts. The page around them defines the colours --ink, --soft, --line and --paper, and
 * the style of headings, tables and facts.
 * @module
 */
import { chartStyle } from '../charts/style.ts';

/** The style of tables and charts of a report. */
export const runStyle: string = `${chartStyle}
.narrow, .scroll wbr { display: none; }
@media (max-width: 700px) { .wide { display: none; } .narrow { display: block; } }
.wide > svg, .narrow > svg { display: block; max-width: 100%; height: auto; font: 11px system-ui, sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 8px; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
.legend svg { margin-right: 6px; vertical-align: -1px; }
.key { columns: 2; padding-left: 28px; font-size: 13px; }
.soft { color: var(--soft); font-size: 13px; max-width: 76ch; }
.scroll { overflow-x: auto; } .scroll table { font-size: 13px; border-collapse: separate; border-spacing: 0; } .scroll th, .scroll td { padding: 4px 7px; }
.scroll tr > :first-child { position: sticky; left: 0; background: var(--paper); padding-left: 0; } th.text, td.text { text-align: left; }
.scroll .withheld { color: var(--soft); white-space: normal; min-width: 84px; font-size: 11.5px; line-height: 1.25; }
.facts { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.columns { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 16px 0 0; color: var(--soft); font-size: 13px; }
.columns dt { color: var(--ink); } .columns dd { margin: 0; }
.notice { border-left: 3px solid var(--chart-2); padding: 4px 14px; margin: 24px 0 0; }
@media (max-width: 700px) {
  .scroll wbr { display: inline; } .scroll table { font-size: 12px; } .scroll td.text { white-space: normal; min-width: 72px; } .scroll td.text + td.text { min-width: 130px; }
}
`;
