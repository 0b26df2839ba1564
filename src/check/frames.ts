/** Source positions, and the call paths that led there, from stack traces. */
import { original, type Position } from './source-maps.js';
import { type Boundary, canCount, linesOf, stackFrom } from './stack.js';

/** A position in a function. */
export interface Frame extends Position {
  /** The function's name in the running code; empty if it has none. */
  readonly name: string;
}

/** If a path has more frames, those in the middle are left out. */
const MOST_FRAMES = 8;
/** How many frames are kept at the outer end. */
const LAST_FRAMES = 2;

/**
 * The frames of the user's code that led to the call of a function, nearest first.
 *
 * @param boundary - The function that was called.
 * @param floor - How many frames there were where the user's code was entered; without it only the nearest is returned.
 * @param ofPackage - Whether it is a method of the package, whose own frames are of no interest.
 */
export function framesTo(boundary: Boundary, floor?: number, ofPackage = false): readonly Frame[] {
  let lines = stackFrom(boundary);
  const isCut = canCount && lines.length > 0;
  if (!isCut) {
    // In this case the explorer's frames come first, and must be recognizable.
    lines = stackFrom(framesTo);
    if (home() === undefined) return [];
  }
  const all = framesOf(lines.slice(0, lines.length - (floor ?? 0)));
  const explorer = home();
  const outer = explorer === undefined ? all : all.filter(({ file }) => !file.startsWith(`${explorer}check/`));
  // The code being explored may be the package itself.
  const isOwn = explorer !== undefined && (outer[0]?.file.startsWith(explorer) ?? false);
  const users =
    isOwn && !ofPackage ? outer : outer.filter(({ file }) => explorer === undefined || !file.startsWith(explorer));
  const frames = users.length > 0 ? users : outer;
  return floor !== undefined && canCount ? frames : frames.slice(0, 1);
}

/** `function file:line:column` of a frame. */
export function placeOf({ name, file, line, column }: Frame): string {
  const place = `${shortened(file)}:${line}:${column}`;
  return name === '' ? place : `${name} ${place}`;
}

/** A call path, nearest position first: `spinLock helpers.ts:12:5 ← scenario.ts:40:3`; empty if there are no frames. */
export function wayOf(frames: readonly Frame[]): string {
  const places = frames.map(placeOf);
  if (places.length > MOST_FRAMES) {
    places.splice(MOST_FRAMES - LAST_FRAMES - 1, places.length - MOST_FRAMES + 1, '…');
  }
  return places.join(' ← ');
}

/** `function file:line:column` of the first position in a stack trace that is in the user's code; empty if none is in a file. */
export function firstPlace(stack: string | undefined): string {
  const frames = framesOf(linesOf(stack));
  const own = home();
  const frame = frames.find(({ file }) => own === undefined || !file.startsWith(own)) ?? frames[0];
  return frame === undefined ? '' : placeOf(frame);
}

function framesOf(lines: readonly string[]): readonly Frame[] {
  return lines.flatMap((line) => frameOf(line) ?? []);
}

/** `at Lock.acquire (file:///a/b/lock.js:12:5)`, or as Firefox and Safari have it, `acquire@http://a/b/lock.js:12:5`. */
function frameOf(line: string): Frame | undefined {
  const inV8 = /^at (?:async )?(?:new )?(?:([^/]+?) (?:\[as [^\]]+\] )?\()?(.+):(\d+):(\d+)\)?$/.exec(line);
  const match = inV8 ?? /^(?:async\*)?([^@]*?)(?:\/<)*@(.+):(\d+):(\d+)$/.exec(line);
  if (match === null || /^(?:node|native|internal|ext|bun)(?::|$)/.test(match[2])) return undefined;
  const [, name = '', file, row, column] = match;
  const place = original({ file: urlOf(file), line: Number(row), column: Number(column) });
  return { ...place, name: name.endsWith('<anonymous>') ? '' : name };
}

/** A file name from a stack trace, as a URL if it is a path. */
function urlOf(file: string): string {
  if (file.startsWith('/')) return `file://${encoded(file)}`;
  if (/^[A-Za-z]:\\/.test(file)) return `file:///${encoded(file.replaceAll('\\', '/'))}`;
  return file.replace(/^eval at .*, /, '');
}

function encoded(path: string): string {
  return encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23');
}

/** The name of a file, without its folder and query. */
function shortened(file: string): string {
  const path = file.replace(/[?#].*$/, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('%') ? decodeURI(name) : name;
}

/** A stack trace whose first frame is in this file. */
function stackHere(): readonly string[] {
  return linesOf(new Error('here').stack);
}

let known: { readonly home: string | undefined } | undefined;

/** The package's folder as frames name it; undefined if it is in a bundle without a source map. */
function home(): string | undefined {
  if (known === undefined) {
    const own = framesOf(stackHere())[0]?.file;
    const end = own?.search(/check\/frames\.[jt]s$/) ?? -1;
    known = { home: end < 0 ? undefined : own?.slice(0, end) };
  }
  return known.home;
}
