/**
 * The files of a report: report.json, report.md, report.html.
 *
 * Purpose: all three are made from one signed report, byte for byte, so that whoever verifies the JSON verifies the others.
 * Assumes: nothing. Does not know: where they are kept.
 */
import { parseHex } from '@tallystick/protocol/bytes';
import type { SignedReport } from '@tallystick/protocol/report';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { htmlOf } from './html.ts';
import { markdownOf } from './markdown.ts';
import { sheetsOf } from './sheets.ts';

export const documentNames = ['report.json', 'report.md', 'report.html'] as const;
export type DocumentName = (typeof documentNames)[number];

export const signerOf = ({ signature }: SignedReport): string =>
  fingerprintOfKey(parseHex(signature.publicKey));

export function documentsOf(signed: SignedReport): Readonly<Record<DocumentName, Uint8Array>> {
  const sheets = sheetsOf(signed.report, signerOf(signed));
  const utf8 = new TextEncoder();
  return {
    'report.json': canonicalBytes(signed),
    'report.md': utf8.encode(markdownOf(sheets)),
    'report.html': utf8.encode(htmlOf(sheets)),
  };
}
