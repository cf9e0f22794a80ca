/** Pieces of HTML. @module */
import { escapeHtml } from '../../base/html.ts';
import type { Evaluation } from '../../base/types.ts';
import { CLASS_COLUMNS, classRows } from '../figures.ts';

/** `91.6 %` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** An HTML table of texts. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('');
  const header = head.length > 0 ? `<thead><tr>${cells('th', head)}</tr></thead>` : '';
  return `<table>${header}<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table>`;
}

/** Precision, recall, F1 and support of each class. */
export function classTable(evaluation: Evaluation, names: readonly string[]): string {
  return table(CLASS_COLUMNS, classRows(evaluation, names));
}

/** Rows are true classes, columns are predicted classes. The shade of a cell is its share of the row. */
export function confusionTable(
  { confusionMatrix }: Evaluation,
  classNames: readonly string[],
): string {
  const names = confusionMatrix.map((_, label) => escapeHtml(classNames[label] ?? String(label)));
  const head = names.map((name) => `<th scope="col">${name}</th>`).join('');
  const rows = confusionMatrix.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count) => {
      const share = total === 0 ? 0 : count / total;
      const ink = share > 0.5 ? ';color:#fff' : '';
      return `<td style="background:rgb(var(--cell) / ${Math.sqrt(share).toFixed(2)})${ink}">${count === 0 ? '' : count}</td>`;
    });
    return `<tr><th scope="row">${names[label]}</th>${cells.join('')}</tr>`;
  });
  return `<table class="confusion"><thead><tr><th>true \\ predicted</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
