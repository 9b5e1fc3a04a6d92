/**
 * The commands, as data.
 *
 * Purpose: the one table behind parsing, help, README tests. Code is loaded when a command runs.
 * Assumes: every example is a line that works in a shell. Does not know: what commands do.
 */
import type { CommandSpec } from '../args/types.ts';
import { auditCommands } from './table-audit.ts';
import { approveCommands } from './table-approve.ts';
import { emergencyCommands } from './table-emergency.ts';
import { incidentCommands } from './table-incident.ts';
import { ledgerCommands } from './table-ledger.ts';
import { agreementCommands } from './table-agreements.ts';
import { listCommands } from './table-lists.ts';
import { localCommands } from './table-local.ts';
import { membershipCommands } from './table-membership.ts';
import { reportCommands } from './table-report.ts';
import { nodeCommands } from './table-node.ts';
import { oversightCommands } from './table-oversight.ts';
import { redressCommands } from './table-redress.ts';
import { sessionCommands } from './table-sessions.ts';
import { standingCommands } from './table-standing.ts';

export const commands: readonly CommandSpec[] = [
  ...localCommands,
  ...nodeCommands,
  ...listCommands,
  ...sessionCommands,
  ...ledgerCommands,
  ...auditCommands,
  ...agreementCommands,
  ...standingCommands,
  ...membershipCommands,
  ...redressCommands,
  ...incidentCommands,
  ...approveCommands,
  ...emergencyCommands,
  ...oversightCommands,
  ...reportCommands,
];
