/**
 * From answers to a draft of an agreement.
 *
 * Purpose: the questions in their order, careful values for everything that is not asked, and the text with a comment
 * above every clause. JSON with comment lines, because it is the form that is signed: YAML would read the jurisdiction
 * NO as false, keeps silent about repeated keys, and needs a translation that somebody has to trust.
 * Assumes: a person reads the draft before anybody signs. Does not know: whether it is complete (`agreement verify`).
 */
import { standingClauses } from '@tallystick/protocol/agreement';
import { parseEpsilon } from '@tallystick/protocol/privacy';
import { wrap } from '../render/text.ts';
import { readVersion } from '../main/version.ts';
import type { Questioner } from './questions.ts';
import { clauseWords } from './words.ts';

type Json = Record<string, unknown>;

const isYes = (text: string): boolean => /^(?:y|yes|true)$/i.test(text.trim());
const several = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
/** A whole number; what is none stays as it was written, and `verify` names it. */
const numberOf = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text);

async function askStation(q: Questioner, at: string, who: string): Promise<Json> {
  return {
    id: await q.ask(`${at}.id`, `${who}: id`),
    name: await q.ask(`${at}.name`, `${who}: name`),
    fingerprint: await q.ask(`${at}.fingerprint`, `${who}: fingerprint (tallystick agreement key)`),
    publicKey: await q.ask(`${at}.publicKey`, `${who}: public key (tallystick agreement key)`),
  };
}

async function askParty(
  q: Questioner,
  i: number,
  approvals: number | string,
): Promise<{ party: Json; basis: Json }> {
  const at = `parties.${i}`;
  const who = `party ${i + 1}`;
  const station = await askStation(q, at, who);
  const jurisdiction = await q.ask(`${at}.jurisdiction`, `${who}: jurisdiction (ISO 3166-1 alpha-3)`);
  const supervisor = await q.ask(`${at}.supervisor`, `${who}: supervisory authority`);
  const citation = await q.ask(`${at}.citation`, `${who}: legal basis, the act and section`);
  const assessment = await q.ask(`${at}.assessment`, `${who}: SHA-256 of the impact assessment`);
  const officers = [
    {
      id: 'analyst-1',
      role: 'analyst',
      publicKey: await q.ask(`${at}.analystKey`, `${who}: the analyst's public key`),
    },
  ];
  for (let n = 1; n <= (typeof approvals === 'number' ? approvals : 1); n++) {
    const publicKey = await q.ask(`${at}.approverKeys.${n - 1}`, `${who}: public key of approver ${n}`);
    officers.push({ id: `approver-${n}`, role: 'approver', publicKey });
  }
  return {
    party: { ...station, jurisdiction, supervisor, officers },
    basis: { jurisdiction, citation, assessment },
  };
}

/** Identifiers of a list, at most: budgets and caps have room for as many sessions as they permit with lists like it. */
const largestList = 100_000;

interface Kind {
  readonly isCounts: boolean;
  readonly isSealed: boolean;
  readonly hasEmergency: boolean;
}

function outputOf(
  { isCounts, isSealed, hasEmergency }: Kind,
  parties: readonly Json[],
  collector: Json | undefined,
): Json {
  const base = {
    id: isCounts ? 'numbers' : 'matches',
    kind: isCounts ? 'counts' : 'matches',
    form: isSealed ? 'sealed' : 'direct',
    purposes: ['main'],
    tiers: hasEmergency ? ['routine', 'imminent'] : ['routine'],
    receivers: parties.map(({ id }) => id),
    collectors: collector === undefined ? null : [collector['id']],
    collectorsNeeded: isSealed ? 1 : 0,
    listOwnerCollects: null,
    verified: true,
    marks: { tlp: 'AMBER', pap: 'AMBER' },
  };
  if (isCounts) return { ...base, statistics: ['histogram'], labels: false };
  return { ...base, predicates: isSealed ? ['all'] : null, which: false };
}

async function askPrivacy(q: Questioner, isCounts: boolean): Promise<Json> {
  const minCount = isCounts ? numberOf(await q.ask('minCount', 'numbers below this are withheld', '10')) : 0;
  const epsilon = isCounts ? await q.ask('epsilon', 'epsilon of one release, or none', '0.5') : 'none';
  const microEpsilon = epsilon === 'none' ? 0 : parseEpsilon(epsilon);
  return {
    minCount,
    noise: microEpsilon === 0 ? null : { mechanism: 'laplace', microEpsilon, deltaExponent: null },
    identifiersPerRecord: 16,
    padTo: null,
    // Four releases a month; for matches, which are charged as many records as a list announces, four of the largest list.
    budget: {
      periodDays: 30,
      microEpsilon: 4 * microEpsilon,
      femtoDelta: 0,
      records: isCounts ? 0 : 4 * largestList,
      listVersions: 4,
    },
  };
}

/** Asks, and returns an agreement; what stayed open is '' in it. Throws `privacy.epsilon`. */
export async function askDraft(q: Questioner): Promise<Json> {
  const name = await q.ask('name', 'short name of the agreement (a-z, 0-9, -)');
  const title = await q.ask('title', 'title');
  const notBefore = await q.ask('notBefore', 'in force from (UTC, as 2027-01-01T00:00:00Z)');
  const notAfter = await q.ask('notAfter', 'until (UTC)');
  const term = await q.ask(
    'purpose.term',
    'purpose, a term of the vocabulary',
    'sector-law:CriminalLawEnforcement',
  );
  const text = await q.ask('purpose.text', 'purpose in one sentence');
  const isCounts = (await q.ask('output', 'output, matches or counts', 'counts')) === 'counts';
  const category = await q.ask('category', 'category of the lists', 'wanted');
  const subject = await q.ask('subject', 'subject: person, organisation or any', 'person');
  const recipes = several(await q.ask('recipes', 'recipes, with commas', 'document,name+birthdate'));
  const approvals = numberOf(await q.ask('approvals', 'approvals of each party', '1'));
  const isAsked = isYes(
    await q.ask('oversightAsked', 'is oversight asked before every run (yes or no)', 'no'),
  );
  const hasEmergency = isYes(await q.ask('emergencies', 'is there an emergency tier (yes or no)', 'no'));
  const number = Number(
    await q.ask('parties', 'how many parties', String(Math.max(2, q.countOf('parties')))),
  );
  const asked: { party: Json; basis: Json }[] = [];
  for (let i = 0; i < Math.min(10, Math.max(2, number || 2)); i++)
    asked.push(await askParty(q, i, approvals));
  const parties = asked.map(({ party }) => party);
  const isSealed = isCounts || parties.length > 2;
  const collector = isSealed ? await askStation(q, 'collector', 'collector') : undefined;
  const oversight = {
    id: await q.ask('oversight.id', 'oversight: id'),
    name: await q.ask('oversight.name', 'oversight: name'),
    publicKey: await q.ask('oversight.publicKey', 'oversight: public key (tallystick agreement key)'),
    powers: ['authorise', 'veto', 'suspend'],
  };
  const privacy = await askPrivacy(q, isCounts);
  const contact = await q.ask('contact', 'whom a person asks about a result (address)');
  const disclosure = isYes(
    await q.ask('disclosure', 'may an officer tell a person whether something was held (yes or no)', 'no'),
  )
    ? 'by-officer'
    : 'never';
  return {
    format: 'tallystick-agreement-1',
    name,
    title,
    version: 1,
    supersedes: null,
    notBefore,
    notAfter,
    parties,
    collectors: collector === undefined ? null : [collector],
    oversight: [oversight],
    legalBasis: asked.map(({ basis }) => basis),
    purposes: [{ id: 'main', term, text }],
    prohibitedUses: [
      'automated-decision',
      'profiling',
      'mass-screening',
      'onward-transfer',
      'commercial',
      'model-training',
    ],
    lists: parties.map(({ id }) => ({
      party: id,
      category,
      subject,
      recipes,
      recipeVersion: 1,
      minIdentifiers: 1000,
      maxIdentifiers: largestList,
      labels: null,
    })),
    outputs: [outputOf({ isCounts, isSealed, hasEmergency }, parties, collector)],
    tiers: {
      routine: { approvals, custodians: 0, oversight: isAsked ? 'asked' : 'notified' },
      imminent: hasEmergency
        ? {
            approvals,
            custodians: 0,
            oversight: 'afterwards',
            lastsHours: 24,
            reviewWithinHours: 72,
            maxUnreviewed: 1,
          }
        : null,
    },
    privacy,
    caps: {
      sessionsPerDay: 4,
      recordsPerDay: 4 * largestList,
      pairSessionsPerDay: 2,
      pairRecordsPerDay: 2 * largestList,
      proposalMinutes: 240,
    },
    retention: { resultDays: 30, logDays: 3650 },
    suites: ['ristretto255-SHA512'],
    software: { minVersion: readVersion(), evidence: 'self-asserted' },
    freshness: { notSuspendedMinutes: 60, membershipHours: 24, witnessHours: 48, clockSeconds: 60 },
    suspension: { by: 'any-one', resumeBy: 'all', afterWithdrawal: 'rest-stands' },
    redress: { contact, acknowledgeDays: 10, decideDays: 60, disclosure },
    incident: { contact, notifyHours: 24 },
  };
}

/** The draft as text: a comment above every clause, in their order. */
export function draftText(agreement: Json): string {
  const clauses = standingClauses.map((clause) => {
    const [heading, note] = clauseWords[clause];
    const comment = wrap(`${heading}. ${note}`, 104).map((line) => `  // ${line}`);
    const value = JSON.stringify(agreement[clause], null, 2).replaceAll('\n', '\n  ');
    return `${comment.join('\n')}\n  ${JSON.stringify(clause)}: ${value}`;
  });
  const head = [
    '// A draft. Lines that begin with // are comments and are not signed. Every field is required.',
    '// tallystick agreement verify FILE lists what is wrong; show prints one page; sign makes the signed form.',
  ];
  return `${head.join('\n')}\n{\n${clauses.join(',\n\n')}\n}\n`;
}
