/**
 * Small lists for this room's tests.
 *
 * Purpose: write a text or bytes to a temporary folder and gather what an importer says.
 * Assumes: vitest; the folder is removed after each test.
 * Does not know: formats.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WatchlistRecord } from '@tallystick/protocol/records';
import { afterEach, beforeEach } from 'vitest';
import { type ImportEvent, type ImportOptions, importList } from './index.ts';

export interface Bench {
  /** Writes files; gives the path of the first. */
  readonly put: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<string>;
  /** Imports the first of these files. */
  readonly run: (
    files: Readonly<Record<string, string | Uint8Array>>,
    options?: ImportOptions,
  ) => Promise<ImportEvent[]>;
  readonly folder: () => string;
}

export function useBench(): Bench {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tallystick-lists-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const put: Bench['put'] = async (files) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return join(folder, Object.keys(files)[0] as string);
  };
  return {
    put,
    run: async (files, options) => gather(importList(await put(files), options)),
    folder: () => folder,
  };
}

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function recordsOf(events: readonly ImportEvent[]): WatchlistRecord[] {
  return events.filter((event) => event.type === 'record').map((event) => event.record);
}

/** `line reason` of each rejected row. */
export function rejectedOf(events: readonly ImportEvent[]): string[] {
  return events
    .filter((event) => event.type === 'rejected')
    .map((event) => `${event.file}:${event.line} ${event.reason}`);
}

const e = '-0- ';

/** A row of sdn.csv. */
export function sdn(id: string | number, name: string, remarks = e, kind = '"individual"'): string {
  return `${id},${name === e ? e : `"${name}"`},${kind},"X",${e},${e},${e},${e},${e},${e},${e},${remarks === e ? e : `"${remarks}"`}\n`;
}

/** A UN list of these elements under INDIVIDUALS and ENTITIES. */
export function un(individuals: string, entities = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>${individuals}</INDIVIDUALS><ENTITIES>${entities}</ENTITIES></CONSOLIDATED_LIST>\n`;
}

export function individual(id: string | number, inner: string): string {
  return `<INDIVIDUAL><DATAID>${id}</DATAID>${inner}</INDIVIDUAL>`;
}

export function ftm(id: string, properties: object, schema = 'Person', more: object = {}): string {
  return `${JSON.stringify({ id, schema, properties, ...more })}\n`;
}
