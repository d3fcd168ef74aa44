import { NOW } from './deliveries';

/** In the tests of this file it is always `NOW`. */
export function stopClock(): void {
	beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW));
	afterEach(() => jest.restoreAllMocks());
}
