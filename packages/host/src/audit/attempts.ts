/**
 * Attempts: what did not belong, in the log without filling it.
 *
 * Purpose: the first of its kind is an entry at once; more of them within the hour are counted, and stand together in
 * one entry afterwards. All kinds together get so many entries an hour and no more, so that nobody can fill a disk.
 * Assumes: peers are pinned ones or nobody, so kinds are few. Does not know: what is an attempt.
 */
import type { EntryBody } from '@tallystick/protocol/audit';
import { asTallyError, type ErrorCode } from '@tallystick/protocol/errors';
import type { MembershipReason } from '@tallystick/protocol/membership';
import type { Clock } from '../clock/index.ts';
import { type Log, pubError } from '../log/index.ts';
import type { AuditLog } from './log.ts';

const windowMs = 3_600_000;
/** Entries of attempts an hour, of all kinds. */
const maxEntries = 60;

export interface AttemptsOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
  /** This station. */
  readonly self: string;
}

/** What an attempt was about. `from`: a peer whose key was proved; null: nobody knows who. */
export interface Attempt {
  readonly from: string | null;
  readonly code: ErrorCode | MembershipReason;
  /** Id of the standing agreement under which it was made; absent: none. */
  readonly agreement?: string;
}

export class Attempts {
  private readonly options: AttemptsOptions;
  private readonly counted = new Map<string, { readonly attempt: Attempt; more: number }>();
  private windowEndsMs = 0;
  private written = 0;

  constructor(options: AttemptsOptions) {
    this.options = options;
  }

  /** Never throws: what was refused stays refused. */
  note(attempt: Attempt): void {
    if (this.options.clock.nowMs() >= this.windowEndsMs) this.flush();
    const key = `${attempt.agreement ?? ''} ${attempt.from ?? ''} ${attempt.code}`;
    const known = this.counted.get(key);
    if (known !== undefined) {
      known.more += 1;
      return;
    }
    const isWritten = this.written < maxEntries;
    this.counted.set(key, { attempt, more: isWritten ? 0 : 1 });
    if (isWritten) this.write(attempt, 1);
  }

  /** Writes what was counted: at the end of an hour, and when the station stops. */
  flush(): void {
    this.windowEndsMs = this.options.clock.nowMs() + windowMs;
    this.written = 0;
    const counted = [...this.counted.values()];
    this.counted.clear();
    for (const { attempt, more } of counted) if (more > 0) this.write(attempt, more);
  }

  private write({ from, code, agreement }: Attempt, count: number): void {
    const { audit, log, self } = this.options;
    this.written += 1;
    const body: EntryBody = {
      type: 'attempt',
      by: from ?? self,
      session: null,
      agreement: agreement ?? null,
      request: null,
      from,
      code,
      count,
    };
    try {
      audit.append(body);
    } catch (thrown) {
      log.error('audit.attempt', { error: pubError(asTallyError(thrown)) });
    }
  }
}
