/**
 * Tests of owners and operators, against a real server on a simulated cloud.
 *
 * @module testing
 */
export { type MaintenanceOptions, SimulatedFermata, type SimulatedOptions } from "./testing/simulated.js";
