/**
 * The control API's method that signs a transparency report.
 *
 * Purpose: the node's key under a report that the command line made of exports; the log says that it was handed out before
 * there is a signature. Assumes: whoever calls is the node's owner. Does not know: whether the report follows from a log;
 * anybody with the export finds out.
 */
import { createHash } from 'node:crypto';
import type { SigningIdentity } from '@tallystick/host/identity';
import { reportSchema, type SignedReport, signReport } from '@tallystick/protocol/report';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { z } from 'zod';
import type { Noted } from './noted.ts';

export const reportParams = { 'report.sign': z.strictObject({ report: reportSchema }) } as const;

export interface ReportResults {
  'report.sign': SignedReport;
}

export function createReportMethods(noted: Noted, { publicKey, sign }: SigningIdentity) {
  return {
    'report.sign'({ report }: z.infer<(typeof reportParams)['report.sign']>): SignedReport {
      noted.exported('report', null, createHash('sha256').update(canonicalBytes(report)).digest('hex'));
      return signReport(report, Buffer.from(publicKey).toString('hex'), sign);
    },
  };
}
