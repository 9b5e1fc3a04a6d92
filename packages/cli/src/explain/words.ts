/**
 * Coded reasons in words.
 *
 * Purpose: one line for every code that a decision or a refusal can carry; a code nobody knows stands as it is.
 * Assumes: codes of protocol/policy, node/guard, host/ledger. Does not know: any session.
 */
import { denialTexts } from '@tallystick/protocol/policy';
import { problemTexts } from '@tallystick/protocol/agreement';

/** Codes of pins, own rules and the ledger, and what people refuse with. */
const ownTexts: Readonly<Record<string, string>> = {
  'peer.unknown': 'nobody of this id is pinned here',
  'peer.fingerprint': 'is not who this node pinned: another fingerprint',
  'peer.key': 'is not who this node pinned: another key',
  'self.fingerprint': 'names this node with another fingerprint',
  'self.key': 'names this node with another key',
  'rule.purpose': 'own rules do not allow this purpose',
  'rule.recipe': 'own rules do not allow this recipe',
  'rule.subject': 'own rules do not allow this subject',
  'rule.output': 'own rules do not allow this kind of output',
  'rule.parties': 'own rules do not allow so many parties',
  'rule.expiry': 'own rules do not allow a proposal to stay open for so long',
  'cap.sessions': 'no more sessions in this period',
  'cap.records': 'no more records in this period',
  'cap.versions': 'no more versions of a list in this period',
  'cap.epsilon': 'the budget of epsilon of this period does not suffice',
  'ledger.suspended': "a partner's ledger differs from ours, and nobody has accepted it",
  'ledger.broken': 'a ledger with these parties was edited, or is of another node',
  'person.declined': 'a person declined, without saying why',
  'list.unknown': 'has no list for it',
};

export function reasonText(code: string): string {
  const known = { ...problemTexts, ...ownTexts, ...denialTexts } as Readonly<Record<string, string>>;
  const own = ownTexts[code] ?? known[code];
  if (own !== undefined) return own;
  return code.startsWith('rule.') ? 'a rule of the node forbids it' : code;
}
