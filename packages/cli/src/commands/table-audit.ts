/**
 * `audit …`: the tamper-evident log of a node; verification and comparison need no node.
 */
import type { CommandSpec, OptionSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption } from './common.ts';

export const pinOption: OptionSpec = {
  name: 'pin',
  value: 'ID=FINGERPRINT',
  multiple: true,
  help: 'fingerprint that the station’s key must have, compared by another way',
};
const checkpointOption: OptionSpec = {
  name: 'checkpoint',
  value: 'FILE',
  multiple: true,
  help: 'a checkpoint of this log that somebody else kept: the log must still contain it',
};

export const auditCommands: readonly CommandSpec[] = [
  {
    path: 'audit show',
    summary: 'the newest entries of the own audit log, its head, and who witnessed it',
    options: [
      { name: 'limit', value: 'N', help: 'entries at most; 20 where not given' },
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [{ command: 'tallystick audit show --limit 5', does: 'the last five entries' }],
    load: async () => (await import('./audit.ts')).showRun,
  },
  {
    path: 'audit export',
    summary: 'the whole audit log as one file, for an auditor, a partner or an oversight body',
    details: [
      'The file has a signed checkpoint over all entries and the cosignatures of witnesses. It names stations, agreements and sessions, and no person: what it proves and what not is in docs/audit.md.',
    ],
    options: [
      { name: 'out', value: 'FILE', help: 'where the export is written, mode 0600' },
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick audit export --out north.audit', does: 'whether the node runs or not' },
      { command: 'tallystick audit export --out north.audit --json', does: 'for a script: how many entries' },
    ],
    load: async () => (await import('./audit.ts')).exportRun,
  },
  {
    path: 'audit verify',
    summary: 'whether an export, or the proof of one entry, is whole; names the first wrong entry',
    details: [
      'Works without any node. Finds entries that were altered, dropped, inserted, exchanged, back-dated or cut off, checkpoints of other entries, and signatures of other keys. Exit code 1 where something is wrong, 6 where nothing is but no --pin says whose key it is.',
    ],
    args: [{ name: 'FILE', help: 'from `audit export` or `audit prove`' }],
    options: [pinOption, checkpointOption, jsonOption],
    examples: [
      {
        command: 'tallystick audit verify north.audit --pin north=sha256:PLACEHOLDER',
        does: 'says nothing is wrong, or which entry is',
      },
    ],
    load: async () => (await import('./audit-files.ts')).verifyRun,
  },
  {
    path: 'audit prove',
    summary: 'the proof that one entry of an export stands in its log, without the other entries',
    details: ['The proof is a text of the C2SP format tlog-proof; `audit verify` reads it.'],
    args: [{ name: 'ENTRY', help: 'its index' }],
    options: [
      { name: 'in', value: 'FILE', help: 'from `audit export`' },
      { name: 'out', value: 'FILE', help: 'where the proof is written' },
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick audit prove 17 --in north.audit --out entry-17.tlog-proof',
        does: 'shows entry 17 and nothing else',
      },
    ],
    load: async () => (await import('./audit-files.ts')).proveRun,
  },
  {
    path: 'audit compare',
    summary: 'two parties’ exports side by side: sessions that one of them lacks or tells otherwise',
    details: [
      'Both exports are verified first. Exit code 1 where something differs. Sessions that began about when the other export was made are counted apart. What both parties left out together is not found.',
    ],
    args: [
      { name: 'A', help: 'from `audit export`' },
      { name: 'B', help: 'from `audit export`' },
    ],
    options: [pinOption, jsonOption],
    examples: [
      { command: 'tallystick audit compare north.audit south.audit', does: 'each session stands in both' },
    ],
    load: async () => (await import('./audit-files.ts')).compareRun,
  },
  {
    path: 'audit witness',
    summary: 'ask partners to cosign the head of the own log now',
    details: [
      'A node asks at its start and from time to time. Who answers has checked that the log continues the one it saw before.',
    ],
    args: [{ name: 'PEER', help: 'one of them; all that are pinned where not given', optional: true }],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick audit witness', does: 'lists who has cosigned, and when' }],
    load: async () => (await import('./audit.ts')).witnessRun,
  },
  {
    path: 'audit accept',
    summary: 'take a partner’s log as it is from now on, after it was restored or began anew',
    details: [
      'After a partner’s node was restored from a backup its log is shorter than what was cosigned here, and it starts no session. Ask its people, and the oversight body, before. What was accepted stands in the own log.',
    ],
    args: [{ name: 'PEER', help: 'whose log' }],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick audit accept south', does: 'its next head is cosigned' }],
    load: async () => (await import('./audit.ts')).acceptRun,
  },
  {
    path: 'audit recover',
    summary: 'go on with what fits of a log that is broken on disk, where there is no backup of it',
    details: [
      'Nothing may run in the directory. Entries from the first wrong one on, and the head, are put aside in the same store; the next entry says how many there were. Stations that cosigned more refuse the log, and write that down, until their people run `audit accept`. A backup loses nothing that it holds: restore one where you can.',
    ],
    options: [dataOption, keyFileOption, jsonOption],
    examples: [{ command: 'tallystick audit recover --data ./north', does: 'says how much is left' }],
    load: async () => (await import('./audit.ts')).recoverRun,
  },
];
