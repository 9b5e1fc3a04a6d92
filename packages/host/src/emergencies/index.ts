/** Emergencies that a station has heard of: the public door of the room. */
export { emergencyMethods, emergencyParams, type EmergencyResults } from './control.ts';
export { Emergencies, type EmergencyReport, type Told } from './emergencies.ts';
