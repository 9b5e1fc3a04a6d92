import { TallyError } from '@tallystick/protocol/errors';
import { parseNodeId } from '@tallystick/host/identity';
export async function main(argv: string[]): Promise<void> { console.log(argv, new TallyError('file.missing', 'x').remedy, parseNodeId('a')); }
