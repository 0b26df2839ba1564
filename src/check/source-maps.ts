/**
 * From positions in bundles or compiled code to positions in the original source: by the source map that a file names
 * in its last line, if the host can read files. Files are read when a position is reported, not before.
 *
 * Not through the host's own facility: Node only has the maps of files loaded after it was told to keep them, and an
 * explorer that is itself in the bundle comes too late for that.
 */

/** A position in a file; line and column count from 1. */
export interface Position {
  /** A URL, or the engine's name for the file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A source map as hosts have it; lines and columns count from 0. */
interface SourceMap {
  findEntry(line: number, column: number): Partial<Entry>;
}

interface Entry {
  readonly originalSource: string;
  readonly originalLine: number;
  readonly originalColumn: number;
}

interface Host {
  getBuiltinModule?(name: 'node:fs'): { readFileSync(file: URL, encoding: 'utf8'): string };
  getBuiltinModule?(name: 'node:module'): { SourceMap?: new (payload: object) => SourceMap };
}

interface Found {
  readonly map: SourceMap;
  /** The base that its sources are relative to. */
  readonly base: string;
}

const COMMENT = 'sourceMappingURL=';

/** By file; undefined if it has no map. */
const found = new Map<string, Found | undefined>();

/** The original position, as far as it can be determined. */
export function original(position: Position): Position {
  const { file, line, column } = position;
  if (!found.has(file)) found.set(file, find(file));
  const known = found.get(file);
  const { originalSource, originalLine, originalColumn } = known?.map.findEntry(line - 1, column - 1) ?? {};
  if (known === undefined || originalSource === undefined || originalLine === undefined) return position;
  return {
    file: URL.canParse(originalSource, known.base) ? new URL(originalSource, known.base).href : originalSource,
    line: originalLine + 1,
    column: (originalColumn ?? 0) + 1,
  };
}

function find(file: string): Found | undefined {
  // Deno does all this itself, and may ask its user for permission to read.
  if (!file.startsWith('file:') || 'Deno' in globalThis) return undefined;
  const { process } = globalThis as { process?: Host };
  try {
    const fs = process?.getBuiltinModule?.('node:fs');
    const { SourceMap } = process?.getBuiltinModule?.('node:module') ?? {};
    if (fs === undefined || SourceMap === undefined) return undefined;
    const code = fs.readFileSync(new URL(file), 'utf8');
    const named = code.slice(code.lastIndexOf(COMMENT) + COMMENT.length).trim();
    if (!code.includes(COMMENT) || /\s/.test(named)) return undefined;
    const url = new URL(named, file);
    const text = url.protocol === 'data:' ? decoded(url.href) : fs.readFileSync(url, 'utf8');
    return { map: new SourceMap(JSON.parse(text) as object), base: url.protocol === 'data:' ? file : url.href };
  } catch {
    // The file is gone, unreadable, or no source map: what is known is the position in the code.
    return undefined;
  }
}

function decoded(url: string): string {
  const [head, data] = [url.slice(0, url.indexOf(',')), url.slice(url.indexOf(',') + 1)];
  if (!head.endsWith(';base64')) return decodeURIComponent(data);
  return new TextDecoder().decode(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
}
