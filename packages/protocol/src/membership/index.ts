/** Suspension, withdrawal, resumption, renewal, keys: the public door of the room. */
export { applyMembership, type MembershipOutcome, type MembershipReason } from './fold.ts';
export {
  hashMembership,
  type MembershipBody,
  type MembershipMessage,
  provePossession,
  signMembership,
  suspensionReasons,
} from './messages.ts';
export {
  activeMembers,
  emptyMembership,
  isKeyAccepted,
  type Member,
  type Membership,
  membersHash,
  policyMembership,
  type Renewal,
  renewalsOf,
  standingSuspensions,
} from './state.ts';
