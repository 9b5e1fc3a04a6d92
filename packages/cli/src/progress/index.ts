export { type BoardOptions, createBoard, type ProgressBoard } from './board.ts';
export { type SessionTracks, sessionTracks } from './session.ts';
