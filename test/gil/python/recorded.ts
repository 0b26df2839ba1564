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
  /** What was seen, by switch interval in seconds and program. */
  readonly seen: Readonly<Record<string, Readonly<Record<string, Recording>>>>;
}

/** What came of a program: of many copies, hot and cold, and of one in which two threads repeat an addition. */
export interface Recording extends Partial<Readonly<Record<Heat, Seen>>> {
  /** Null for programs whose functions do not add 1. */
  readonly repeat?: { readonly rounds: number; readonly lost: number; readonly load: number | null } | null;
}

export interface Seen {
  readonly rounds: number;
  /** How often there was which outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The machine's, as the system's average over a minute; null where it was not noted. */
  readonly load: number | null;
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
      seen: read<Version['seen']>(`${python}.json`) ?? {},
    };
  });

/** What a program of the corpus says in its first lines. */
export function questionOf({ source }: Listing): { threads: string[]; results: string[] } {
  const word = (name: string): string => new RegExp(`^# ${name}: (.*)$`, 'm').exec(source)?.[1] ?? '';
  return { threads: word('threads').split(' '), results: word('results').split(',') };
}

export const outcomesOf = (listing: Listing, heat: Heat): PythonOutcomes =>
  pythonOutcomes(listing, { ...questionOf(listing), heat });
