/** Tables as all commands draw them. */
import Table, { type TableConstructorOptions } from 'cli-table3';
import type { TableData } from '../gil-lab/index.js';

/** @returns the table's lines; `options` set the widths and alignment of its columns */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: Pick<TableConstructorOptions, 'colWidths' | 'colAligns' | 'wordWrap'>,
): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, ...options });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

/** Prints a table with its title: the first column is text, the others are figures. */
export function showTable({ title, head, rows }: TableData): void {
  const colAligns = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)));
  console.log(`${title}\n${drawTable(head, rows, { colAligns })}\n`);
}
