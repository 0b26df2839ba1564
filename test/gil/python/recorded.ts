/** The corpus as real CPythons compiled it, and what they made of it: written by record.mjs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Heat, type Listing, type PythonOutcomes, pythonOutcomes } from 'atomics-sync-free/gil/outcomes';

const FOLDER = 'test/gil/python/';

export interface Version {
  /** Such as `3.11.7`. */
  readonly python: string;
  readonly listings: Readonly<Record<string, Listing>>;
  /** By program of programs/: what `r` is after f(). */
  readonly said: Readonly<Record<string, string>>;
  /** By switch interval (s) and program: of so many calls in two threads that each add 1, how many additions were lost. */
  readonly loops: Readonly<Record<string, Readonly<Record<string, { readonly calls: number; readonly lost: number }>>>>;
  /** By program and heat: how often there was which outcome. */
  readonly seen: Readonly<Record<string, Partial<Record<Heat, Readonly<Record<string, number>>>>>>;
}

function read<T>(file: string): T | undefined {
  const path = `${FOLDER}recorded/${file}`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
const minor = (python: string): number => Number(python.split('.')[1]);

/** All that were recorded, oldest first. */
export const VERSIONS: readonly Version[] = readdirSync(`${FOLDER}recorded`)
  .filter((file) => file.endsWith('.listings.gz'))
  .map((file) => file.replace('.listings.gz', ''))
  .sort((a, b) => minor(a) - minor(b))
  .map((python) => {
    const listings = gunzipSync(readFileSync(`${FOLDER}recorded/${python}.listings.gz`)).toString();
    return {
      python,
      listings: JSON.parse(listings) as Version['listings'],
      said: read<Version['said']>(`${python}.said.json`) ?? {},
      loops: read<Version['loops']>(`${python}.loops.json`) ?? {},
      seen: read<{ seen: Version['seen'] }>(`${python}.json`)?.seen ?? {},
    };
  });

/** What a program of the corpus says in its first lines. */
export function questionOf({ source }: Listing): { threads: string[]; results: string[] } {
  const word = (name: string): string => new RegExp(`^# ${name}: (.*)$`, 'm').exec(source)?.[1] ?? '';
  return { threads: word('threads').split(' '), results: word('results').split(',') };
}

export const outcomesOf = (listing: Listing, heat: Heat): PythonOutcomes =>
  pythonOutcomes(listing, { ...questionOf(listing), heat });
