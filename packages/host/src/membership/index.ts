/** The life of agreements between stations: the public door of the room. */
export { createMembershipMethods, membershipParams, type MembershipResults } from './control.ts';
export { Members, type MembershipFacts, type MembersOptions, type Said } from './members.ts';
export { createMembershipShelf, type MembershipShelf } from './shelf.ts';
export { describeMembership, type MembershipStatus } from './status.ts';
