/**
 * The closed vocabulary of standing agreements.
 *
 * Purpose: every word that an agreement, a request or a local rule may use for a purpose, a use, a list, a mark, a
 * role, a power. A word that is not here is refused, never skipped.
 * Assumes: purposes are terms of the W3C Data Privacy Vocabulary 2 (`dpv:`) or of its law extension (`sector-law:`)
 * where it has one, and `tallystick:` where it has none. TLP 2.0 (FIRST), PAP (MISP).
 * Does not know: which words an agreement chose.
 */

export const purposeTerms = [
  'dpv:CounterMoneyLaundering',
  'dpv:Counterterrorism',
  'dpv:FraudPreventionAndDetection',
  'dpv:IdentityVerification',
  'dpv:LegalCompliance',
  'dpv:MaintainFraudDatabase',
  'dpv:ProtectionOfNationalSecurity',
  'dpv:ProtectionOfPublicSecurity',
  'dpv:ProvideOfficialStatistics',
  'dpv:PublicPolicyMaking',
  'sector-law:CrimeDetection',
  'sector-law:CriminalLawEnforcement',
  'tallystick:BorderCheck',
  'tallystick:LostDocuments',
  'tallystick:MissingPersons',
  'tallystick:SanctionsEnforcement',
] as const;

/** What a result may be used for. An agreement names those that it prohibits; a request names those that it intends. */
export const useTerms = [
  'investigative-lead',
  'evidence',
  'identity-check',
  'list-correction',
  'statistics',
  'oversight',
  'automated-decision',
  'profiling',
  'mass-screening',
  'onward-transfer',
  'commercial',
  'model-training',
  'immigration-enforcement',
  'political-monitoring',
] as const;

export const listCategories = [
  'sanctions',
  'wanted',
  'missing',
  'terrorism',
  'organised-crime',
  'money-laundering',
  'fraud',
  'border-alert',
  'lost-document',
  'case-file',
] as const;

/** Why an emergency is declared: what would be too late otherwise. */
export const groundTerms = [
  'danger-to-life',
  'planned-attack',
  'flight',
  'missing-child',
  'loss-of-evidence',
  'attack-on-systems',
] as const;
/** What a review finds; `not-justified` ends the emergency at once. */
export const findingTerms = ['justified', 'not-justified'] as const;

export const statisticTerms = ['histogram', 'at-least', 'pairs', 'one'] as const;
export const tierTerms = ['routine', 'imminent'] as const;
export const roleTerms = ['analyst', 'approver', 'custodian', 'auditor'] as const;
export const powerTerms = ['authorise', 'veto', 'suspend'] as const;
export const predicateTerms = ['all', 'at-least', 'any'] as const;
export const tlpTerms = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export const papTerms = ['CLEAR', 'GREEN', 'AMBER', 'RED'] as const;
