/** The tests that drive a real browser; scripts/test-browser.mjs finds one. */
import shared from './jest.config.mjs';

export default {
  ...shared,
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: [],
};
