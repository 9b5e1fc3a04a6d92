/** Progress of a session: live bars on a terminal, lines elsewhere: the public door of the room. */
export { type BoardOptions, createBoard, type ProgressBoard } from './board.ts';
export { type SessionTracks, sessionTracks } from './session.ts';
